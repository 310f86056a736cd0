//! Scales, and words that fit.

/// From values to pixels, by powers of ten or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    is_log: bool,
    begin: i32,
    end: i32,
}

impl Scale {
    /// From 0 up to the largest value.
    pub(super) fn linear(largest: f64, begin: i32, end: i32) -> Self {
        let to = if largest > 0.0 { largest } else { 1.0 };
        Self { from: 0.0, to, is_log: false, begin, end }
    }

    /// From the smallest to the largest value, a little wider; all have to be positive.
    pub(super) fn logarithmic(values: impl IntoIterator<Item = f64>, begin: i32, end: i32) -> Self {
        let positive = values.into_iter().filter(|value| *value > 0.0);
        let (from, to) = positive.fold((f64::MAX, f64::MIN), |(from, to), value| (from.min(value), to.max(value)));
        let (from, to) = if from > to { (1.0, 10.0) } else { (from * 0.8, (to * 1.25).max(from * 9.0)) };
        Self { from, to, is_log: true, begin, end }
    }

    pub(super) fn at(&self, value: f64) -> i32 {
        let share = if self.is_log {
            (value.max(self.from) / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        self.begin + (f64::from(self.end - self.begin) * share).round() as i32
    }

    /// Round values inside: powers of ten, and twice and five times them where there are few, or even steps from 0.
    pub(super) fn ticks(&self) -> Vec<f64> {
        if self.is_log {
            let (first, last) = (self.from.log10().floor() as i32, self.to.log10().floor() as i32);
            let steps: &[f64] = if self.to / self.from < 200.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
            let ticks = (first..=last).flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)));
            return ticks.filter(|tick| (self.from..=self.to).contains(tick)).collect();
        }
        let power = 10_f64.powf((self.to / 3.0).log10().floor());
        let fitting = [1.0, 2.0, 5.0, 10.0].map(|step| step * power).into_iter().find(|step| self.to / step <= 5.0);
        let step = fitting.unwrap_or(self.to);
        (0..=(self.to / step).floor() as i32).map(|i| f64::from(i) * step).collect()
    }

    /// Those whose numbers, of such a width, do not lie over each other.
    pub(super) fn ticks_apart(&self, distance: i32) -> Vec<f64> {
        let mut ticks = self.ticks();
        let mut keep_every = 1;
        let place = |ticks: &[f64], i: usize| self.at(ticks[i]);
        while ticks.len() > keep_every && (place(&ticks, keep_every) - place(&ticks, 0)).abs() < distance {
            keep_every += 1;
        }
        let mut i = 0;
        ticks.retain(|_| {
            i += 1;
            (i - 1) % keep_every == 0
        });
        ticks
    }
}

/// Breaks a text into lines of at most so many letters, between words.
pub(super) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always one");
        if line.is_empty() {
            word.clone_into(line);
        } else if line.chars().count() + 1 + word.chars().count() <= most {
            *line = format!("{line} {word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Moves heights apart until each has its distance from the next, as little as it goes; in their order.
pub(super) fn apart(heights: &[i32], distance: i32, lowest: i32) -> Vec<i32> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by_key(|i| heights[*i]);
    let mut moved = heights.to_vec();
    for pair in order.windows(2) {
        moved[pair[1]] = moved[pair[1]].max(moved[pair[0]] + distance);
    }
    // What was pushed out below comes back up.
    let mut limit = lowest;
    for i in order.into_iter().rev() {
        moved[i] = moved[i].min(limit);
        limit = moved[i] - distance;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::{Scale, apart, wrapped};

    #[test]
    fn scales_go_from_their_begin_to_their_end() {
        let linear = Scale::linear(12.0, 100, 220);
        assert_eq!([0.0, 6.0, 12.0].map(|value| linear.at(value)), [100, 160, 220]);
        assert_eq!(linear.ticks(), [0.0, 5.0, 10.0]);
        let log = Scale::logarithmic([0.01, 10.0], 0, 1000);
        assert_eq!(log.ticks().len(), 4, "{log:?}");
        assert_eq!(log.ticks_apart(400).len(), 2, "every other one");
        let few = Scale::logarithmic([20.0, 700.0], 0, 1000).ticks();
        assert_eq!(few, [20.0, 50.0, 100.0, 200.0, 500.0]);
        assert!(log.at(0.01) > 0 && log.at(10.0) < 1000, "the dots are inside");
        let decades = [log.at(1.0) - log.at(0.1), log.at(10.0) - log.at(1.0)];
        assert!(decades[0].abs_diff(decades[1]) <= 1, "{decades:?}");
        assert_eq!(Scale::logarithmic([], 0, 10).ticks(), [1.0, 2.0, 5.0, 10.0]);
        assert_eq!(Scale::linear(0.0, 0, 10).at(0.0), 0);
    }

    #[test]
    fn words_are_not_broken() {
        assert_eq!(wrapped("a ConfigMap of each changed", 14), ["a ConfigMap of", "each changed"]);
        assert_eq!(wrapped("unbreakable", 3), ["unbreakable"]);
    }

    #[test]
    fn labels_do_not_lie_over_each_other() {
        assert_eq!(apart(&[10, 12, 50], 15, 100), [10, 25, 50]);
        assert_eq!(apart(&[95, 10, 99], 15, 100), [85, 10, 100]);
    }
}
