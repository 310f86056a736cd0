//! Two foreign hands at work on everything an operator looks after, and an API server that is killed again and again.
//!
//! `STEERSMAN_CHAOS=60` has them go on for 60 s on 200 primaries, with two kills.

use std::time::{Duration, Instant};

use steersman_control_plane::Part;

use crate::churn::Churn;
use crate::{pick, turn};

#[tokio::test]
async fn nothing_is_lost_in_chaos() {
    let seconds = std::env::var("STEERSMAN_CHAOS").ok().map(|text| text.parse().expect("STEERSMAN_CHAOS is a number"));
    let (kills, primaries, pause) = match seconds {
        Some(seconds) => (2, 200, Duration::from_secs(seconds) / 3),
        None => pick((3, 50, Duration::from_millis(2500)), (20, 200, Duration::from_secs(4))),
    };
    let turn = turn("chaos").await;
    let place = &turn.place;
    let mut churn = Churn::new(place, primaries);
    let operator = churn.operator();
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    let begin = Instant::now();
    churn.begin().await;
    for _ in 0..kills {
        tokio::time::sleep(pause).await;
        place.cluster.kill(Part::ApiServer).await.unwrap();
        place.cluster.start_part(Part::ApiServer).await.unwrap();
    }
    tokio::time::sleep(pause).await;
    let worked = begin.elapsed();
    churn.end().await;
    println!(
        "{primaries} primaries, {kills} kills within {worked:.1?}, as they say {:.1?} later",
        begin.elapsed() - worked
    );
    println!("{} runs, {} failed, {} writes: {:?}", stats.runs(), stats.failures(), stats.writes(), stats.wake_ups());
    assert_eq!(operating.costs().reads, 0, "{:?}", operating.costs());
    assert!(operating.is_running());
}
