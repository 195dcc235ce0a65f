//! The plot in words, for those who don't see it.

use super::Standing;

/// What the plot is called.
pub const TITLE: &str = "How the rule stood, and what it turns on";

/// Since when it stands as it does, when it broke, and from where to where the number went.
pub fn sentence(plot: &Standing) -> String {
    let time = |at: domain::time::Timestamp| at.format("%Y-%m-%d %H:%M UTC").to_string();
    let now = plot.runs.last().map_or_else(
        || "It was never judged in this time.".to_owned(),
        |run| format!("It is {} since {}.", run.value, time(run.since)),
    );
    let broke: Vec<_> = plot.broke().map(time).collect();
    let broke = match broke.as_slice() {
        [] => "It didn’t break in this time.".to_owned(),
        moments => format!("It broke at {}.", moments.join(", ")),
    };
    let measured = plot.measured.as_ref().and_then(|(what, samples)| {
        let ((_, first), (_, last)) = (samples.first()?, samples.last()?);
        let (least, most) = (
            samples.iter().map(|one| one.1).min()?,
            samples.iter().map(|one| one.1).max()?,
        );
        Some(format!(
            " {what}: {first} at first, {last} at last, between {least} and {most}."
        ))
    });
    format!("{now} {broke}{}", measured.unwrap_or_default())
}
