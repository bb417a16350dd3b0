/*
description: |
  One row per managed instance and UTC hour in which its Prometheus told of it: how it did (key: hour_at, instance_id).

  Prometheus is asked at each quarter of an hour about the fifteen minutes before it, so that an hour is made of four
  answers; `quarter_count` says how many came. Values that are no number, because there was nothing to divide by, do not
  count. The times that 9 of 10 requests stay below (p90) cannot be averaged: they are those of the worst quarter.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [hour_at, instance_id]
partition: day_on
open_days: 16
columns:
  day_on: {type: DATE, description: "UTC day of the hour."}
  hour_at: {type: TIMESTAMP, description: "When the hour begins."}
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  quarter_count: {type: INT64, description: "Quarters of the hour that are known, 1 to 4."}
  up_share: {type: FLOAT64, description: "Share of the time in which the instance answered, 0 to 1."}
  request_count: {type: FLOAT64, description: "HTTP requests; not whole, because Prometheus extrapolates."}
  error_count: {type: FLOAT64, description: "Of these, the ones that failed with a status of 500 or more."}
  error_share: {type: FLOAT64, description: "Share of the requests that failed, 0 to 1; null without requests."}
  cpu_share: {type: FLOAT64, description: "Share of the CPU in use, 0 to 1: mean of all containers."}
  memory_share: {type: FLOAT64, description: "Share of the memory in use, 0 to 1: of the fullest container, at most."}
  disk_free_share: {type: FLOAT64, description: "Share of gitserver's disk that is free, 0 to 1: the least."}
  page_load_p90_seconds: {type: FLOAT64, description: "Seconds below which 9 of 10 pages loaded, worst quarter."}
  search_p90_seconds: {type: FLOAT64, description: "Seconds below which 9 of 10 searches answered, worst quarter."}
  has_warnings: {type: BOOL, description: "Whether Prometheus itself doubted one of its answers."}
*/
with
sample as (
    select
        site_id,
        query,
        sampled_at,
        timestamp_trunc(timestamp_sub(sampled_at, interval 1 second), hour) as hour_at,
        cast(if(is_nan(value) or is_inf(value), null, value) as numeric) as value, -- sums of it are exact in any order
        array_length(warnings) > 0 as has_warnings
    from raw_prometheus.metric_sample
    where site_id is not null
),

hourly as (
    select
        hour_at,
        site_id,
        count(distinct sampled_at) as quarter_count,
        sum(if(query = 'up_share', value, null)) as up_sum,
        count(if(query = 'up_share', value, null)) as up_count,
        sum(if(query = 'http_requests', value, null)) as request_count,
        sum(if(query = 'http_errors', value, null)) as error_count,
        sum(if(query = 'cpu_share', value, null)) as cpu_sum,
        count(if(query = 'cpu_share', value, null)) as cpu_count,
        max(if(query = 'memory_share', value, null)) as memory_share,
        min(if(query = 'gitserver_disk_free_share', value, null)) as disk_free_share,
        max(if(query = 'page_load_p90_seconds', value, null)) as page_load_p90_seconds,
        max(if(query = 'search_p90_seconds', value, null)) as search_p90_seconds,
        logical_or(has_warnings) as has_warnings
    from sample
    group by hour_at, site_id
)

select
    extract(date from hour_at) as day_on,
    hour_at,
    site_id as instance_id,
    quarter_count,
    safe_divide(cast(up_sum as float64), up_count) as up_share,
    cast(request_count as float64) as request_count,
    cast(error_count as float64) as error_count,
    safe_divide(cast(error_count as float64), cast(request_count as float64)) as error_share,
    safe_divide(cast(cpu_sum as float64), cpu_count) as cpu_share,
    cast(memory_share as float64) as memory_share,
    cast(disk_free_share as float64) as disk_free_share,
    cast(page_load_p90_seconds as float64) as page_load_p90_seconds,
    cast(search_p90_seconds as float64) as search_p90_seconds,
    has_warnings
from hourly
