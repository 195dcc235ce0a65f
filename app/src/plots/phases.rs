//! The phases of a drill on one clock: a bar each, its figure beside it; what was not run stands as an outline of its usual length.

use chrono::TimeDelta;
use plotters::style::text_anchor::HPos;

use super::elapsed;
use super::fluid::opening;
use super::ink::Ink;
use super::labels::width_of;
use super::pen::{Pen, Width};
use leptos::prelude::*;

/// How a bar is painted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bar {
    Done,
    Running,
    Broken,
    Stopped,
    /// It never began; the length is what it usually takes.
    NotRun,
}

/// One phase.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhaseBar {
    pub name: String,
    /// What it took, or why it has no figure.
    pub says: String,
    pub bar: Bar,
    /// Since the drill began.
    pub from: TimeDelta,
    pub to: TimeDelta,
}

/// Everything the plot shows. Nothing is looked up while drawing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Phases {
    /// Prefix of the ids in the drawing; unique in the page.
    pub id: String,
    pub bars: Vec<PhaseBar>,
    /// The longest that a recovery may take.
    pub declared: Option<TimeDelta>,
}

/// Pixels of a row with its name above the bar.
const ROW: i32 = 36;
const NAME: i32 = 16;
const BAR: i32 = 11;
/// Room above the rows for the name of the declared line.
const TOP: i32 = 18;
/// Room for the axis.
const EDGE: i32 = 26;
/// The declared line is in sight if it isn't further away than so many times the drill.
const IN_SIGHT: i32 = 3;

impl Phases {
    fn end(&self) -> TimeDelta {
        let last = self.bars.iter().map(|bar| bar.to).max().unwrap_or_default();
        let last = last.max(TimeDelta::milliseconds(100));
        match self.declared {
            Some(declared) if self.sees(declared) => last.max(declared + declared / 20),
            _ => last,
        }
    }

    /// Whether the declared line has a place in the drawing.
    #[must_use]
    pub fn sees(&self, declared: TimeDelta) -> bool {
        let last = self.bars.iter().map(|bar| bar.to).max().unwrap_or_default();
        declared <= last * IN_SIGHT
    }

    /// The plot in words.
    fn sentence(&self) -> String {
        let said = self.bars.iter().map(|bar| format!("{}: {}.", bar.name, bar.says));
        said.collect::<Vec<_>>().join(" ")
    }
}

/// The drawing for one width, as an SVG element with title and description.
#[must_use]
pub fn phases(plot: &Phases, width: Width) -> String {
    let rows = i32::try_from(plot.bars.len()).unwrap_or(0);
    let bottom = TOP + rows * ROW;
    let height = bottom + EDGE;
    let mut svg = opening(&plot.id, width, height, ("Phases of the drill", &plot.sentence()));
    let (begin, end) = (elapsed::since(TimeDelta::zero()), elapsed::since(plot.end()));
    let pen = Pen::new(&mut svg, width, height, begin, end);
    elapsed::grid(&pen, (TOP, bottom));
    if let Some(declared) = plot.declared.filter(|declared| plot.sees(*declared)) {
        let at = elapsed::since(declared).timestamp();
        pen.tick(at, (TOP - 4, bottom), Ink::Strong, 2);
        pen.label("declared RTO", (pen.px(at), HPos::Right), TOP - 6, Ink::Strong, true);
    }
    for (index, bar) in (0..).zip(&plot.bars) {
        draw(&pen, TOP + index * ROW, bar);
    }
    elapsed::edge(&pen, bottom);
    pen.finish();
    svg.push_str("</svg>");
    svg
}

fn draw(pen: &Pen<'_>, y: i32, bar: &PhaseBar) {
    let rows = (y + NAME + 2, y + NAME + 2 + BAR);
    let (from, to) = (elapsed::since(bar.from), elapsed::since(bar.to));
    if let Some(part) = pen.within(from, to, 3) {
        let (fill, edge) = match bar.bar {
            Bar::Done => (Ink::Sea, Ink::Sea),
            Bar::Running => (Ink::Band, Ink::Sea),
            Bar::Broken => (Ink::Broken, Ink::Broken),
            Bar::Stopped | Bar::NotRun => (Ink::Hatch, Ink::Unknown),
        };
        pen.bar(part, rows, Ink::Paper);
        pen.bar(part, rows, fill);
        pen.frame(part, rows, edge);
    }
    let ink = match bar.bar {
        Bar::Done | Bar::Running => Ink::Strong,
        Bar::Broken => Ink::Broken,
        Bar::Stopped | Bar::NotRun => Ink::Unknown,
    };
    pen.label(&bar.name, (0, HPos::Left), y + 12, ink, true);
    // Names are known to be short; what is said beside them may not be.
    if width_of(&bar.name) + width_of(&bar.says) + 12 <= pen.width() {
        pen.label(&bar.says, (pen.width(), HPos::Right), y + 12, ink, false);
    }
}

/// The figure. The style sheet shows the drawing that fits; the table beside it has the same in words.
#[component]
pub fn PhasesPlot(plot: Phases) -> impl IntoView {
    let drawings: Vec<_> = Width::ALL
        .into_iter()
        .map(|width| {
            let class = format!("drawing {}", width.class());
            view! { <div class=class inner_html=phases(&plot, width)></div> }
        })
        .collect();
    let beyond = plot.declared.filter(|declared| !plot.sees(*declared)).map(|declared| {
        let declared = domain::time::span(declared.num_seconds());
        view! { <span>"The declared RTO, "{declared}", lies beyond the drawing."</span> }
    });
    let not_run = plot.bars.iter().any(|bar| bar.bar == Bar::NotRun);
    view! {
        <figure class="plot" id=plot.id>
            <div class="drawings">{drawings}</div>
            <figcaption>
                <span>"Time since the drill began"</span>
                {not_run.then(|| view! { <span>"Hatched: not run, as long as in the last drill that passed"</span> })}
                {beyond}
            </figcaption>
        </figure>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot() -> Phases {
        let bar = |name: &str, bar, from, to| PhaseBar {
            name: name.into(),
            says: "a <while>".into(),
            bar,
            from: TimeDelta::milliseconds(from),
            to: TimeDelta::milliseconds(to),
        };
        Phases {
            id: "phases".into(),
            bars: vec![
                bar("Choose the backup", Bar::Done, 0, 400),
                bar("Fetch the backup", Bar::Broken, 400, 9_000),
                bar("Look at the copy", Bar::NotRun, 9_000, 12_000),
            ],
            declared: Some(TimeDelta::seconds(20)),
        }
    }

    #[test]
    fn the_drawing_is_the_same_every_time_and_escapes_what_it_is_told() {
        let drawn = Width::ALL.map(|width| phases(&plot(), width));
        assert_eq!(drawn, Width::ALL.map(|width| phases(&plot(), width)));
        assert!(
            drawn
                .iter()
                .all(|svg| svg.contains("a &lt;while&gt;") && !svg.contains("<while>"))
        );
        insta::assert_snapshot!(drawn[1].replace("><", ">\n<"));
    }

    #[test]
    fn a_promise_far_away_does_not_squeeze_the_bars() {
        let mut plot = plot();
        assert!(phases(&plot, Width::Wide).contains("declared RTO"));
        plot.declared = Some(TimeDelta::hours(4));
        assert!(!phases(&plot, Width::Wide).contains("declared RTO"));
    }

    #[test]
    fn nothing_and_no_time_can_be_drawn() {
        let mut plot = plot();
        plot.bars[0].to = TimeDelta::milliseconds(-5);
        plot.bars.truncate(1);
        assert!(phases(&plot, Width::Slim).ends_with("</svg>"));
        plot.bars.clear();
        assert!(phases(&plot, Width::Slim).ends_with("</svg>"));
    }
}
