//! Time, measured: medians of many rounds, since one round tells of whatever else the machine was doing.

use std::time::{Duration, Instant};

use serde::Serialize;

/// Rounds that nothing is made of: caches fill, statements are prepared.
const WARM_UP: usize = 3;
/// Rounds at least, and how long more of them may go on.
const FEWEST: usize = 5;
const PATIENCE: Duration = Duration::from_secs(8);

/// Times of many rounds of one thing, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Times {
    pub rounds: usize,
    pub median: f64,
    pub p95: f64,
}

/// Does it `rounds` times over, or as often as patience allows.
pub async fn measure(rounds: usize, mut round: impl AsyncFnMut()) -> Times {
    for _ in 0..WARM_UP {
        round().await;
    }
    let mut times = Vec::new();
    let begun = Instant::now();
    while times.len() < rounds && (times.len() < FEWEST || begun.elapsed() < PATIENCE) {
        let begun = Instant::now();
        round().await;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let at = |hundredths: usize| times[(times.len() - 1) * hundredths / 100];
    Times {
        rounds: times.len(),
        median: at(50),
        p95: at(95),
    }
}
