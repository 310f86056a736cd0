//! Whose turn it is among the operators of a manager.

/// Shares the places for runs out. A place goes to the operator with the fewest runs among those for which one is due; among
/// equals, in turn. So an operator with many runs, or long ones, takes every place that nobody else wants, and keeps nobody
/// waiting for longer than one of its runs goes on.
#[derive(Debug)]
pub(crate) struct Places {
    /// At most so many at the same time.
    most: usize,
    /// The runs of each operator that go on.
    running: Vec<usize>,
    /// Who was served last.
    last: usize,
}

impl Places {
    pub(crate) fn new(operators: usize, most: usize) -> Self {
        Self { most, running: vec![0; operators], last: operators.saturating_sub(1) }
    }

    /// Whether no run may begin before another one ends.
    pub(crate) fn is_full(&self) -> bool {
        self.running.iter().sum::<usize>() >= self.most
    }

    /// The next run, of the operator whose turn it is; `due` takes one of an operator, if there is one.
    pub(crate) fn next<T>(&mut self, mut due: impl FnMut(usize) -> Option<T>) -> Option<T> {
        if self.is_full() {
            return None;
        }
        let operators = self.running.len();
        let mut order: Vec<usize> = (1..=operators).map(|i| (self.last + i) % operators).collect();
        order.sort_by_key(|&operator| self.running[operator]);
        let (operator, run) = order.into_iter().find_map(|operator| Some((operator, due(operator)?)))?;
        self.running[operator] += 1;
        self.last = operator;
        Some(run)
    }

    /// A run of this operator has ended.
    pub(crate) fn ended(&mut self, operator: usize) {
        self.running[operator] -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Serves as long as there is something to serve; who was, in this order.
    fn serve(shares: &mut Places, due: &mut [usize]) -> Vec<usize> {
        let take = |due: &mut [usize], operator: usize| {
            due[operator] = due[operator].checked_sub(1)?;
            Some(operator)
        };
        std::iter::from_fn(|| shares.next(|operator| take(due, operator))).collect()
    }

    #[test]
    fn in_turn() {
        let mut shares = Places::new(3, usize::MAX);
        assert_eq!(serve(&mut shares, &mut [2, 3, 1]), [0, 1, 2, 0, 1, 1]);
        assert_eq!(serve(&mut Places::new(1, 2), &mut [5]), [0, 0]);
        assert_eq!(serve(&mut Places::new(0, 2), &mut []), [0; 0]);
    }

    #[test]
    fn a_busy_operator_takes_what_nobody_wants_and_leaves_the_next_place() {
        let mut shares = Places::new(2, 4);
        let mut due = [1_000, 0];
        assert_eq!(serve(&mut shares, &mut due), [0, 0, 0, 0]);
        assert!(shares.is_full());
        due[1] = 3;
        // Each end of a run frees a place.
        let mut served = Vec::new();
        for ends in [0, 0, 1, 0] {
            shares.ended(ends);
            served.extend(serve(&mut shares, &mut due));
        }
        assert_eq!(served, [1, 1, 1, 0], "half of the places, as long as it wants them");
    }

    #[test]
    fn long_runs_of_one_do_not_take_all_places_from_short_runs_of_another() {
        let mut shares = Places::new(2, 4);
        let mut due = [1_000, 1_000];
        let mut running: Vec<usize> = serve(&mut shares, &mut due);
        let mut short = 0;
        // A hundred runs of the second end while no run of the first does.
        for _ in 0..100 {
            let i = running.iter().position(|&operator| operator == 1).expect("it always has a place");
            running.swap_remove(i);
            shares.ended(1);
            short += 1;
            running.extend(serve(&mut shares, &mut due));
        }
        assert_eq!((short, running.iter().filter(|&&operator| operator == 0).count()), (100, 2));
    }
}
