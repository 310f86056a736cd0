use super::*;

fn refused(election: LeaderElection) -> String {
    election.check().unwrap_err().to_string()
}

#[test]
fn times_that_contradict_each_other_are_refused() {
    let election = || LeaderElection::new("shop", "operator");
    let s = Duration::from_secs;
    assert!(election().check().is_ok());
    assert!(election().lease_duration(s(3)).renew_deadline(s(2)).retry_period(s(1)).check().is_ok());
    assert_eq!(
        refused(election().lease_duration(s(10))),
        "`lease_duration` of the leader election cannot be 10s; it must be at least 1s, and longer than `renew_deadline`: a \
         leader stops writing before another one begins; by default it is 15s"
    );
    assert!(refused(election().retry_period(s(9))).contains("`renew_deadline`"));
    assert!(refused(election().retry_period(s(0))).contains("`retry_period`"));
    assert!(refused(LeaderElection::new("", "operator")).contains("name the namespace"));
    assert!(refused(LeaderElection::new("shop", "")).contains("name the Lease"));
    assert!(refused(election().identity("")).contains("`identity`"));
}

#[tokio::test(start_paused = true)]
async fn runs_are_told_of_the_end_of_their_term() {
    let leadership = Leadership::contested();
    assert_eq!(leadership.term(), None);
    let lead = |seconds| Lead { until: crate::clock::now() + Duration::from_secs(seconds), anew: true };
    assert!(leadership.lead(lead(10)) && !leadership.lead(lead(10)), "a renewal is no gain");
    let term = leadership.term().unwrap();
    let pending = tokio::time::timeout(Duration::from_secs(1), leadership.ended(term)).await;
    assert!(pending.is_err());
    assert!(leadership.stand_by() && !leadership.stand_by());
    assert!(leadership.lead(lead(10)));
    leadership.ended(term).await;
    assert_ne!(leadership.term(), Some(term));
    // Nobody looks after it, and yet no run begins.
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(leadership.term(), None);
    assert!(Leadership::alone().term().is_some());
}
