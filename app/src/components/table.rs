//! What tables share: heads that sort, and pages. Both are links, so they work without a script and can be bookmarked.

use leptos::prelude::*;

use super::address::Address;

/// How a list is sorted, from its parameter `sort`: `finished`, or `-finished` for the largest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sort {
    pub by: String,
    pub descending: bool,
}

impl Sort {
    /// Reads the address; `default` is what an address without `sort` means.
    #[must_use]
    pub fn of(address: &Address, default: &str) -> Self {
        let text = address.get("sort").unwrap_or(default);
        match text.strip_prefix('-') {
            Some(by) => Self {
                by: by.into(),
                descending: true,
            },
            None => Self {
                by: text.into(),
                descending: false,
            },
        }
    }
}

/// A head of a column that can be sorted by. Following the link of the sorted column turns it round.
#[component]
pub fn SortHead(
    by: &'static str,
    #[prop(into)] label: String,
    address: Address,
    sort: Sort,
    #[prop(optional)] class: Option<&'static str>,
) -> impl IntoView {
    let sorted = sort.by == by;
    let order = sorted.then_some(if sort.descending { "descending" } else { "ascending" });
    let next = if sorted && !sort.descending {
        format!("-{by}")
    } else {
        by.to_string()
    };
    let href = address.without("page").with("sort", next).to_string();
    view! { <th scope="col" class=class aria-sort=order><a href=href>{label}</a></th> }
}

/// A link to another part of a list. Without an address it is the part that is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageLink {
    pub label: String,
    pub href: Option<String>,
}

/// Links to the first, the last and the neighbours of `page`, and to the next one. Pages count from 1.
#[must_use]
pub fn page_links(address: &Address, page: usize, pages: usize) -> Vec<PageLink> {
    let mut links = Vec::new();
    let mut last = 0;
    for number in (1..=pages).filter(|n| *n == 1 || *n == pages || n.abs_diff(page) <= 1) {
        if number > last + 1 {
            links.push(PageLink {
                label: "…".into(),
                href: None,
            });
        }
        links.push(PageLink {
            label: number.to_string(),
            href: (number != page).then(|| address.with("page", number.to_string()).to_string()),
        });
        last = number;
    }
    if page < pages {
        links.push(PageLink {
            label: "Next".into(),
            href: Some(address.with("page", (page + 1).to_string()).to_string()),
        });
    }
    links
}

/// What part of a list is shown, and the way to the others.
#[component]
pub fn Pager(#[prop(into)] shows: String, links: Vec<PageLink>) -> impl IntoView {
    let rows: Vec<_> = links
        .into_iter()
        .map(|link| match link.href {
            Some(href) => view! { <li><a href=href>{link.label}</a></li> }.into_any(),
            None if link.label == "…" => view! { <li aria-hidden="true">{link.label}</li> }.into_any(),
            None => view! { <li><span aria-current="page">{link.label}</span></li> }.into_any(),
        })
        .collect();
    view! {
        <nav class="pager" aria-label="Pages">
            <span>{shows}</span>
            <ul>{rows}</ul>
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos_router::params::ParamsMap;

    fn backups() -> Address {
        Address::new("/backups", ParamsMap::new()).with("kind", "full")
    }

    #[test]
    fn sorting_again_turns_round_and_goes_back_to_the_first_page() {
        let sort = Sort {
            by: "size".into(),
            descending: false,
        };
        let html = view! { <SortHead by="size" label="Size" address=backups().with("page", "4") sort /> }.to_html();
        assert!(html.contains("aria-sort=\"ascending\""), "{html}");
        assert!(html.contains("href=\"/backups?kind=full&amp;sort=%2Dsize\""), "{html}");
        assert_eq!(Sort::of(&backups().with("sort", "-size"), "label").by, "size");
        assert_eq!(Sort::of(&backups(), "-finished").by, "finished");
    }

    #[test]
    fn long_lists_show_both_ends_and_the_neighbours() {
        let labels = |page, pages| {
            page_links(&backups(), page, pages)
                .into_iter()
                .map(|l| l.label)
                .collect::<Vec<_>>()
        };
        assert_eq!(labels(1, 1), ["1"]);
        assert_eq!(labels(9, 17), ["1", "…", "8", "9", "10", "…", "17", "Next"]);
        assert_eq!(labels(17, 17), ["1", "…", "16", "17"]);
        assert_eq!(page_links(&backups(), 2, 3)[1].href, None);
    }
}
