//! Plots: SVG drawn with plotters, once for each of three widths. Pure functions of what they show: the same data give the same bytes.

mod axis;
mod elapsed;
mod fluid;
mod ink;
mod labels;
mod pen;
mod phases;
mod restorable;
mod rotation;
mod standing;
mod trend;

pub use pen::Width;
pub use phases::{Bar, PhaseBar, Phases, PhasesPlot, phases};
pub use restorable::{Copies, KeyLane, KeySpan, Reading, Restorable, RestorablePlot, restorable};
pub use rotation::{Rotation, RotationPlot, rotation};
pub use standing::{Standing, StandingPlot, standing};
pub use trend::{Point, Shown, Trend, TrendPlot, trend};
