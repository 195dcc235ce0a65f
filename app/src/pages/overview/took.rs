//! How long a restore takes: only from restores that were really done.

use domain::time::span;

/// What earlier restores of dumps took, in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Took {
    /// The middle one.
    pub about: u32,
    pub least: u32,
    pub most: u32,
    pub restores: usize,
}

impl Took {
    /// `None` if none was done yet: nothing is guessed.
    #[must_use]
    pub fn of(durations: &[u32]) -> Option<Self> {
        let mut sorted = durations.to_vec();
        sorted.sort_unstable();
        Some(Self {
            about: *sorted.get(sorted.len() / 2)?,
            least: *sorted.first()?,
            most: *sorted.last()?,
            restores: sorted.len(),
        })
    }

    /// `about 24 min`.
    #[must_use]
    pub fn about(self) -> String {
        format!("about {}", span(self.about.into()))
    }

    /// `19 min to 31 min in 5 restores`.
    #[must_use]
    pub fn range(self) -> String {
        if self.restores == 1 {
            return "in 1 restore".into();
        }
        let (least, most) = (span(self.least.into()), span(self.most.into()));
        format!("{least} to {most} in {} restores", self.restores)
    }
}

#[cfg(test)]
mod tests {
    use super::Took;

    #[test]
    fn without_a_restore_there_is_no_figure() {
        assert_eq!(Took::of(&[]), None);
    }

    #[test]
    fn the_middle_one_counts_and_the_range_stands_beside_it() {
        let took = Took::of(&[1860, 1440, 1140]).expect("three restores");
        assert_eq!(took.about(), "about 24 min");
        assert_eq!(took.range(), "19 min to 31 min in 3 restores");
        assert_eq!(Took::of(&[4]).map(Took::range).as_deref(), Some("in 1 restore"));
    }
}
