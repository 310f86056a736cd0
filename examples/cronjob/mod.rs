//! The CronJob of the Kubebuilder tutorial: Jobs on a schedule, where time is a requeue and nothing is polled.
//!
//! [`api`] declares it, [`schedule`] and [`plan`] know what is to be done at which time, [`controller`] does it, [`desired`] says what
//! a Job looks like, [`cli`] runs it.

pub mod api;
pub mod cli;
pub mod controller;
pub mod desired;
pub mod plan;
#[cfg(test)]
mod plan_tests;
pub mod schedule;
