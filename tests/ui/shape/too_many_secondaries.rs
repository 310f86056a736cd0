//! One bit for each.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::core::v1::ConfigMap;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(T1, one)]
#[secondary(T2, one)]
#[secondary(T3, one)]
#[secondary(T4, one)]
#[secondary(T5, one)]
#[secondary(T6, one)]
#[secondary(T7, one)]
#[secondary(T8, one)]
#[secondary(T9, one)]
#[secondary(T10, one)]
#[secondary(T11, one)]
#[secondary(T12, one)]
#[secondary(T13, one)]
#[secondary(T14, one)]
#[secondary(T15, one)]
#[secondary(T16, one)]
#[secondary(T17, one)]
#[secondary(T18, one)]
#[secondary(T19, one)]
#[secondary(T20, one)]
#[secondary(T21, one)]
#[secondary(T22, one)]
#[secondary(T23, one)]
#[secondary(T24, one)]
#[secondary(T25, one)]
#[secondary(T26, one)]
#[secondary(T27, one)]
#[secondary(T28, one)]
#[secondary(T29, one)]
#[secondary(T30, one)]
#[secondary(T31, one)]
#[secondary(T32, one)]
#[secondary(T33, one)]
#[secondary(T34, one)]
#[secondary(T35, one)]
#[secondary(T36, one)]
#[secondary(T37, one)]
#[secondary(T38, one)]
#[secondary(T39, one)]
#[secondary(T40, one)]
#[secondary(T41, one)]
#[secondary(T42, one)]
#[secondary(T43, one)]
#[secondary(T44, one)]
#[secondary(T45, one)]
#[secondary(T46, one)]
#[secondary(T47, one)]
#[secondary(T48, one)]
#[secondary(T49, one)]
#[secondary(T50, one)]
#[secondary(T51, one)]
#[secondary(T52, one)]
#[secondary(T53, one)]
#[secondary(T54, one)]
#[secondary(T55, one)]
#[secondary(T56, one)]
#[secondary(T57, one)]
#[secondary(T58, one)]
#[secondary(T59, one)]
#[secondary(T60, one)]
#[secondary(T61, one)]
#[secondary(T62, one)]
#[secondary(T63, one)]
#[secondary(T64, one)]
#[secondary(T65, one)]
struct Audit;

type T1 = ConfigMap;
type T2 = ConfigMap;
type T3 = ConfigMap;
type T4 = ConfigMap;
type T5 = ConfigMap;
type T6 = ConfigMap;
type T7 = ConfigMap;
type T8 = ConfigMap;
type T9 = ConfigMap;
type T10 = ConfigMap;
type T11 = ConfigMap;
type T12 = ConfigMap;
type T13 = ConfigMap;
type T14 = ConfigMap;
type T15 = ConfigMap;
type T16 = ConfigMap;
type T17 = ConfigMap;
type T18 = ConfigMap;
type T19 = ConfigMap;
type T20 = ConfigMap;
type T21 = ConfigMap;
type T22 = ConfigMap;
type T23 = ConfigMap;
type T24 = ConfigMap;
type T25 = ConfigMap;
type T26 = ConfigMap;
type T27 = ConfigMap;
type T28 = ConfigMap;
type T29 = ConfigMap;
type T30 = ConfigMap;
type T31 = ConfigMap;
type T32 = ConfigMap;
type T33 = ConfigMap;
type T34 = ConfigMap;
type T35 = ConfigMap;
type T36 = ConfigMap;
type T37 = ConfigMap;
type T38 = ConfigMap;
type T39 = ConfigMap;
type T40 = ConfigMap;
type T41 = ConfigMap;
type T42 = ConfigMap;
type T43 = ConfigMap;
type T44 = ConfigMap;
type T45 = ConfigMap;
type T46 = ConfigMap;
type T47 = ConfigMap;
type T48 = ConfigMap;
type T49 = ConfigMap;
type T50 = ConfigMap;
type T51 = ConfigMap;
type T52 = ConfigMap;
type T53 = ConfigMap;
type T54 = ConfigMap;
type T55 = ConfigMap;
type T56 = ConfigMap;
type T57 = ConfigMap;
type T58 = ConfigMap;
type T59 = ConfigMap;
type T60 = ConfigMap;
type T61 = ConfigMap;
type T62 = ConfigMap;
type T63 = ConfigMap;
type T64 = ConfigMap;
type T65 = ConfigMap;

fn main() {}
