//! The metrics of the operators, made of their accounts when somebody asks for them: a run pays nothing for it.
//!
//! `docs/metrics.md` lists them; a test compares the two.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use crate::api::{self, Counted, RequestLabels};
use crate::clock::now;
use crate::core::account::{BOUNDS, Durations, Shown};
use crate::core::inspect::{CachePiece, OperatorView};
use crate::inspect::{Operator, Views};
use crate::stats::{Counters, Quarrels};
use crate::watch::{WATCHING, Watch};

type Labels<'a> = [(&'a str, &'a str)];

/// One sample: its labels beside those of its operator or watch, and its value.
type Sample<'a, V> = (Vec<(&'a str, &'a str)>, V);

/// One operator at the time of the scrape.
struct Scraped<'a> {
    operator: &'a Operator,
    counters: &'a Counters,
    view: OperatorView,
}

/// One watch at the time of the scrape.
struct ScrapedWatch<'a> {
    watch: &'a Watch,
    labels: [(&'a str, &'a str); 2],
    shown: Shown,
    pieces: Vec<CachePiece>,
}

impl Collector for Views {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut out = Out(encoder);
        let operators: Vec<Scraped<'_>> = self.operators.iter().map(|operator| self.scrape(operator)).collect();
        runs(&mut out, &operators)?;
        causes(&mut out, &operators)?;
        queues(&mut out, &operators)?;
        writes(&mut out, &operators)?;
        let names = self.watch_names.iter().map(String::as_str);
        let watches: Vec<ScrapedWatch<'_>> =
            self.watches.iter().zip(names).map(|(watch, name)| self.scrape_watch(watch, name)).collect();
        events(&mut out, &watches)?;
        health(&mut out, &watches)?;
        caches(&mut out, &watches)?;
        requests(&mut out, &self.shared.requests.snapshot())?;
        let leads = u64::from(self.shared.leadership.term().is_some());
        out.gauges("steersman_leading", "Whether this replica works", [(Vec::new(), leads)])
    }
}

impl Views {
    fn scrape<'a>(&self, operator: &'a Operator) -> Scraped<'a> {
        let view = self.shared.world().operator_view(operator.id);
        Scraped { operator, counters: operator.member.stats.counters(), view }
    }

    fn scrape_watch<'a>(&self, watch: &'a Watch, name: &'a str) -> ScrapedWatch<'a> {
        let world = self.shared.world();
        let labels = [("watch", name), ("kind", &*watch.kind.kind)];
        ScrapedWatch { watch, labels, shown: world.shown(watch.cache), pieces: world.pieces(watch.cache) }
    }
}

/// Where the families go.
struct Out<'a>(DescriptorEncoder<'a>);

impl Out<'_> {
    fn family(
        &mut self,
        (name, unit): (&str, Option<Unit>),
        help: &str,
        r#type: MetricType,
        samples: impl FnOnce(&mut MetricEncoder<'_>) -> fmt::Result,
    ) -> fmt::Result {
        samples(&mut self.0.encode_descriptor(name, help, unit.as_ref(), r#type)?)
    }

    /// A family of counters, whose name gets the suffix `_total`.
    fn counters<'a>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = Sample<'a, u64>>,
    ) -> fmt::Result {
        self.family((name, None), help, MetricType::Counter, |encoder| {
            samples.into_iter().try_for_each(|(labels, value)| {
                encoder.encode_family(&&labels[..])?.encode_counter::<NoLabelSet, _, f64>(&value, None)
            })
        })
    }

    fn gauges<'a>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = Sample<'a, u64>>,
    ) -> fmt::Result {
        self.family((name, None), help, MetricType::Gauge, |encoder| {
            samples
                .into_iter()
                .try_for_each(|(labels, value)| encoder.encode_family(&&labels[..])?.encode_gauge(&value))
        })
    }

    /// The same in seconds.
    fn times<'a>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = Sample<'a, f64>>) -> fmt::Result {
        self.family((name, Some(Unit::Seconds)), help, MetricType::Gauge, |encoder| {
            samples
                .into_iter()
                .try_for_each(|(labels, value)| encoder.encode_family(&&labels[..])?.encode_gauge(&value))
        })
    }

    fn histograms<'a>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = Sample<'a, Durations>>,
    ) -> fmt::Result {
        self.family((name, Some(Unit::Seconds)), help, MetricType::Histogram, |encoder| {
            samples.into_iter().try_for_each(|(labels, durations)| {
                encode(encoder, &labels, &BOUNDS, &durations.buckets, durations.sum)
            })
        })
    }
}

/// One histogram: how many fell into each bucket, and in the last one of all, without a bound.
fn encode(
    encoder: &mut MetricEncoder<'_>,
    labels: &Labels<'_>,
    bounds: &[f64],
    counts: &[u64],
    sum: Duration,
) -> fmt::Result {
    let bounds = bounds.iter().copied().chain([f64::INFINITY]);
    let buckets: Vec<(f64, u64)> = bounds.zip(counts.iter().copied()).collect();
    let count = counts.iter().sum();
    encoder.encode_family(&labels)?.encode_histogram::<NoLabelSet>(sum.as_secs_f64(), count, &buckets, None)
}

fn label<'a>(scraped: &'a Scraped<'_>, more: &Labels<'a>) -> Vec<(&'a str, &'a str)> {
    [("operator", scraped.operator.name.as_str())].into_iter().chain(more.iter().copied()).collect()
}

fn runs(out: &mut Out<'_>, operators: &[Scraped<'_>]) -> fmt::Result {
    let results = operators.iter().flat_map(|of| {
        of.counters.results().map(move |((task, result), count)| {
            (label(of, &[("task", task.as_str()), ("result", result.as_str())]), count)
        })
    });
    out.counters("steersman_runs", "Runs that have ended, by what ran and how it ended", results)?;
    let durations = operators.iter().flat_map(|of| {
        let tasks = crate::stats::RunTask::ALL.into_iter().zip(&of.counters.durations);
        tasks.map(move |(task, durations)| (label(of, &[("task", task.as_str())]), durations.read()))
    });
    out.histograms("steersman_run_duration", "How long runs took", durations)?;
    let each = |value: fn(&Scraped<'_>) -> u64| operators.iter().map(move |of| (label(of, &[]), value(of)));
    out.gauges("steersman_runs_active", "Runs that go on", each(|of| of.view.running as u64))?;
    out.gauges("steersman_runs_limit", "Runs that may go on at once", each(|of| of.view.limit as u64))?;
    out.gauges("steersman_primaries", "Primaries", each(|of| of.view.primaries as u64))?;
    out.gauges("steersman_operator_started", "Whether all caches were complete once", each(|of| of.view.started.into()))
}

fn causes(out: &mut Out<'_>, operators: &[Scraped<'_>]) -> fmt::Result {
    let wake_ups = operators.iter().flat_map(|of| {
        of.counters.triggers().enumerate().map(move |(place, (trigger, count))| {
            let kind = of.counters.places.get(place).map_or("", |place| &place.kind);
            (label(of, &[("trigger", trigger), ("kind", kind)]), count)
        })
    });
    out.counters("steersman_wake_ups", "Runs begun, by trigger; one with several triggers counts for each", wake_ups)?;
    let provoked = operators.iter().flat_map(|of| {
        of.counters.provoked().enumerate().map(move |(place, (name, count))| {
            let kind = of.counters.places.get(place).map_or("", |place| &place.kind);
            (label(of, &[("secondary", name), ("kind", kind)]), count)
        })
    });
    out.counters("steersman_provoked_runs", "Runs that an own write made follow, by what was written", provoked)?;
    let changes = operators.iter().flat_map(|of| {
        of.view.effects.iter().zip(&of.counters.places).flat_map(move |(effects, place)| {
            [("moved", effects.moved), ("none", effects.unmoved)].map(|(effect, count)| {
                (label(of, &[("secondary", place.name), ("kind", &place.kind), ("effect", effect)]), count)
            })
        })
    });
    let help = "Changes that a watch has shown, by whether they have moved a fingerprint";
    out.counters("steersman_changes", help, changes)?;
    let loops = operators.iter().map(|of| (label(of, &[]), of.counters.loops.get()));
    out.counters("steersman_loops", "Warnings that runs provoke each other by what they write", loops)?;
    let quarrels = operators.iter().flat_map(|of| {
        let counts = Quarrels::WORDS.into_iter().zip(&of.counters.quarrels);
        counts.map(move |(reason, count)| (label(of, &[("reason", reason)]), count.get()))
    });
    out.counters(
        "steersman_quarrels",
        "Writes of what others keep changing, or of what each run wants otherwise",
        quarrels,
    )
}

fn queues(out: &mut Out<'_>, operators: &[Scraped<'_>]) -> fmt::Result {
    let each = |value: fn(&Scraped<'_>) -> u64| operators.iter().map(move |of| (label(of, &[]), value(of)));
    out.counters("steersman_queue_adds", "Primaries that were queued", each(|of| of.view.turns.counts.adds))?;
    let help = "Waits after a failed run, or after one that an own write provoked";
    out.counters("steersman_queue_retries", help, each(|of| of.view.turns.counts.retries))?;
    let depth = operators.iter().flat_map(|of| {
        let lanes = ["live", "background"].into_iter().zip(of.view.turns.depth);
        lanes.map(move |(lane, depth)| (label(of, &[("lane", lane)]), depth as u64))
    });
    out.gauges("steersman_queue_depth", "Primaries that wait for their turn", depth)?;
    out.gauges(
        "steersman_queue_held",
        "Primaries that wait for an object to be fetched",
        each(|of| of.view.held as u64),
    )?;
    let help = "Primaries with a requeue, resync, retry or debounce to come";
    out.gauges("steersman_queue_timers", help, each(|of| of.view.turns.timers as u64))?;
    let now = now();
    let oldest = operators.iter().map(|of| {
        let oldest = of.view.turns.oldest.map_or(0.0, |since| now.saturating_duration_since(since).as_secs_f64());
        (label(of, &[]), oldest)
    });
    out.times("steersman_queue_oldest", "How long the primary that is next has waited for its turn", oldest)?;
    let waits = operators.iter().map(|of| (label(of, &[]), of.view.turns.counts.waits.clone()));
    out.histograms("steersman_queue_duration", "How long primaries have waited for their turn", waits)
}

fn writes(out: &mut Out<'_>, operators: &[Scraped<'_>]) -> fmt::Result {
    let sent = operators.iter().flat_map(|of| {
        of.counters.places.iter().enumerate().flat_map(move |(index, place)| {
            // Five verbs with five results each, of which most never occur.
            let occurred = of.counters.writes_at(index).filter(|(_, _, count)| *count > 0);
            occurred.map(move |(verb, result, count)| {
                let more =
                    [("secondary", place.name), ("kind", &place.kind), ("verb", verb), ("result", result.as_str())];
                (label(of, &more), count)
            })
        })
    });
    out.counters("steersman_writes", "Writes that runs have sent", sent)?;
    let skipped =
        operators.iter().flat_map(|of| {
            of.counters.places.iter().zip(&of.counters.skipped).map(move |(place, count)| {
                (label(of, &[("secondary", place.name), ("kind", &place.kind)]), count.get())
            })
        });
    out.counters("steersman_writes_skipped", "Writes that were not sent because they would change nothing", skipped)
}

fn of_watch<'a>(scraped: &ScrapedWatch<'a>, more: &Labels<'a>) -> Vec<(&'a str, &'a str)> {
    scraped.labels.into_iter().chain(more.iter().copied()).collect()
}

fn events(out: &mut Out<'_>, watches: &[ScrapedWatch<'_>]) -> fmt::Result {
    let events = watches.iter().flat_map(|of| {
        let Shown { applied, passed_by, deleted, bookmarks, lists, .. } = of.shown;
        let types = [
            ("applied", applied),
            ("passed_by", passed_by),
            ("deleted", deleted),
            ("bookmark", bookmarks),
            ("list", lists),
        ];
        types.map(|(r#type, count)| (of_watch(of, &[("type", r#type)]), count))
    });
    out.counters("steersman_watch_events", "What a watch has shown, by type", events)?;
    let each = |value: fn(&ScrapedWatch<'_>) -> u64| watches.iter().map(move |of| (of_watch(of, &[]), value(of)));
    let help = "Events that showed only what an own write had put into the cache before";
    out.counters("steersman_watch_own_echoes", help, each(|of| of.shown.echoes))?;
    let help = "Versions of objects that their Rust type did not take";
    out.counters("steersman_watch_undecodable", help, each(|of| of.watch.account.undecodables()))?;
    out.counters(
        "steersman_watch_received_bytes",
        "Bytes of JSON that a watch was sent",
        each(|of| of.watch.account.bytes()),
    )
}

fn health(out: &mut Out<'_>, watches: &[ScrapedWatch<'_>]) -> fmt::Result {
    let restarts = watches.iter().flat_map(|of| {
        let restarts = of.watch.account.restarts();
        restarts.into_iter().map(|(reason, count)| (of_watch(of, &[("reason", reason)]), count)).collect::<Vec<_>>()
    });
    out.counters(
        "steersman_watch_restarts",
        "Lists and watches that ended, by reason; `ended` is the clean one",
        restarts,
    )?;
    let up = watches.iter().map(|of| {
        let scopes = of.watch.account.scopes();
        let works = !scopes.is_empty() && scopes.iter().all(|scope| scope.state.word == WATCHING);
        (of_watch(of, &[]), u64::from(works))
    });
    out.gauges("steersman_watch_up", "Whether a watch shows what happens", up)?;
    let complete = watches.iter().map(|of| (of_watch(of, &[]), of.pieces.iter().all(|piece| piece.complete).into()));
    out.gauges("steersman_watch_complete", "Whether a watch has shown once what there is", complete)?;
    let now = now();
    let silence = watches.iter().filter_map(|of| {
        let silence = now.saturating_duration_since(of.shown.last?);
        Some((of_watch(of, &[]), silence.as_secs_f64()))
    });
    let help = "How long ago a watch has shown something; a bookmark comes each minute at least";
    out.times("steersman_watch_silence", help, silence)
}

fn caches(out: &mut Out<'_>, watches: &[ScrapedWatch<'_>]) -> fmt::Result {
    let sum = |value: fn(&CachePiece) -> u64| {
        watches.iter().map(move |of| (of_watch(of, &[]), of.pieces.iter().map(value).sum::<u64>()))
    };
    out.gauges("steersman_cache_objects", "Objects that a cache holds", sum(|piece| piece.objects as u64))?;
    let help = "Objects of which a cache holds only that they exist";
    out.gauges("steersman_cache_stubs", help, sum(|piece| piece.stubs as u64))?;
    let help = "The bytes of JSON as which the objects of a cache came; in memory they take about as much";
    out.gauges("steersman_cache_bytes", help, sum(|piece| piece.bytes))?;
    let help = "Own writes whose answer a cache holds and its watch has not shown yet";
    out.gauges("steersman_cache_own_writes", help, sum(|piece| piece.ahead as u64))
}

fn requests(out: &mut Out<'_>, requests: &[(RequestLabels, Counted)]) -> fmt::Result {
    let labels = |of: &'_ RequestLabels| {
        let RequestLabels { client, verb, resource, subresource, .. } = of.clone();
        [("client", client.to_owned()), ("verb", verb.to_owned()), ("resource", resource), ("subresource", subresource)]
    };
    let unit = Some(Unit::Seconds);
    let mut durations: BTreeMap<[(&str, String); 4], Counted> = BTreeMap::new();
    out.family(("steersman_api_requests", None), "Requests to the API server", MetricType::Counter, |encoder| {
        requests.iter().try_for_each(|(of, counted)| {
            let code = of.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
            let all: Vec<(&str, String)> = labels(of).into_iter().chain([("code", code)]).collect();
            encoder.encode_family(&&all[..])?.encode_counter::<NoLabelSet, _, f64>(&counted.count, None)
        })
    })?;
    for (of, counted) in requests {
        let sum = durations.entry(labels(of)).or_default();
        sum.time += counted.time;
        sum.buckets.iter_mut().zip(counted.buckets).for_each(|(sum, count)| *sum += count);
    }
    let help = "How long the API server has taken until the head of its answer";
    out.family(("steersman_api_request_duration", unit), help, MetricType::Histogram, |encoder| {
        durations.iter().try_for_each(|(labels, counted)| {
            let labels: Vec<(&str, &str)> = labels.iter().map(|(name, value)| (*name, value.as_str())).collect();
            encode(encoder, &labels, &api::BOUNDS, &counted.buckets, counted.time)
        })
    })
}
