//! Plots: SVG drawn with plotters, once for each of three widths. Pure functions of what they show: the same data give the same bytes.

mod axis;
mod fluid;
mod ink;
mod labels;
mod pen;
mod restorable;
mod rotation;

pub use pen::Width;
pub use restorable::{Copies, KeyLane, KeySpan, Reading, Restorable, RestorablePlot, restorable};
pub use rotation::{Rotation, RotationPlot, rotation};
