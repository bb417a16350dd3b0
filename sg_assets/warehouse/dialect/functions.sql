-- BigQuery's functions as DuckDB macros: those whose DuckDB namesake means something else, or that DuckDB has not.
-- `functions.py` installs this file into a connection; `parser.py` and `mends.py` call them. A macro named
-- bq_<function> takes the arguments of BigQuery's <function>; the others say what they are for. Where the answer depends
-- on the type of an argument, typeof(…) and cast_to_type(…) decide it once, when the query is planned. (Overloads by type
-- do not: DuckDB 2.0 takes the first one that fits as soon as an argument is an aggregate.)

-- Guards ------------------------------------------------------------------------------------------------------------
-- BigQuery calculates NUMERIC in NUMERIC, DuckDB mostly in DOUBLE.
create or replace macro bq_not_numeric(x) as
    case when starts_with(typeof(x), 'DECIMAL')
        then error('here BigQuery would calculate in NUMERIC: cast the NUMERIC to FLOAT64 first') else x end;
create or replace macro bq_same_arithmetic(types, has_product, result) as
    case when regexp_matches(array_to_string(types, ' '),
            case when has_product then 'DECIMAL.*(DECIMAL|DOUBLE)|DOUBLE.*DECIMAL' else 'DECIMAL.*DOUBLE|DOUBLE.*DECIMAL' end)
        then error('BigQuery rounds NUMERIC here in its own way: cast the NUMERIC to FLOAT64 first')
        when regexp_matches(array_to_string(types, ' '), '\bDATE .*\bDATE\b')
        then error('the difference of dates is an INTERVAL: use DATE_DIFF')
        else result end;
create or replace macro bq_no_timestamp(x) as
    case when typeof(x) = 'TIMESTAMP WITH TIME ZONE' then error('a TIMESTAMP and months do not add up: take its DATE') else x end;
create or replace macro bq_finite(name, x) as
    case when isinf(x) or isnan(x) then error('floating point error in function: ' || name) else x end;
create or replace macro bq_current_date() as
    cast(error('CURRENT_DATE() has no day: pin_current_date() comes before to_duckdb()') as date);
create or replace macro bq_only(type, x) as
    case when typeof(x) in (type, '"NULL"') then x else error('takes a ' || type || ', not a ' || typeof(x)) end;
create or replace macro bq_int64_only(x) as
    case when typeof(x) in ('BIGINT', 'INTEGER', '"NULL"') then cast(x as bigint) else error('takes INT64, not ' || typeof(x)) end;

-- Numbers -----------------------------------------------------------------------------------------------------------
create or replace macro bq_divide(a, b) as
    case when b = 0 then error('division by zero: use SAFE_DIVIDE')
        else cast(bq_not_numeric(a) as double) / cast(bq_not_numeric(b) as double) end;
create or replace macro bq_safe_divide(a, b) as
    case when b <> 0 then cast(bq_not_numeric(a) as double) / cast(bq_not_numeric(b) as double) end;
create or replace macro bq_ieee_divide(a, b) as
    case when a = 0 and b = 0 then error('IEEE_DIVIDE(0, 0) is NaN, which DuckDB compares in another way: use SAFE_DIVIDE')
        else cast(bq_not_numeric(a) as double) / cast(bq_not_numeric(b) as double) end;
create or replace macro bq_div(a, b) as bq_not_numeric(a) // bq_not_numeric(b);
create or replace macro bq_safe_add(a, b) as case when bq_int64_only(a) is not null and bq_int64_only(b) is not null
    then try(cast(a as bigint) + cast(b as bigint)) end;
create or replace macro bq_safe_subtract(a, b) as case when bq_int64_only(a) is not null and bq_int64_only(b) is not null
    then try(cast(a as bigint) - cast(b as bigint)) end;
create or replace macro bq_safe_multiply(a, b) as case when bq_int64_only(a) is not null and bq_int64_only(b) is not null
    then try(cast(a as bigint) * cast(b as bigint)) end;
create or replace macro bq_safe_negate(a) as case when bq_int64_only(a) is not null then try(-cast(a as bigint)) end;
-- INT64 becomes FLOAT64, the other types stay. Digits go by way of text, which changes neither a DECIMAL nor a DOUBLE.
create or replace macro bq_round(x) as cast_to_type(round(x), ceil(x)),
    (x, n) as list_transform([x], lambda bq_x: cast_to_type(
        case when starts_with(typeof(bq_x), 'DECIMAL') then cast(round(bq_x, cast(n as integer)) as varchar)
            else cast(bq_round_at(cast(bq_x as double), n) as varchar) end, ceil(bq_x) + bq_x))[1];
create or replace macro bq_trunc(x) as cast_to_type(trunc(x), ceil(x)),
    (x, n) as list_transform([x], lambda bq_x: cast_to_type(
        case when starts_with(typeof(bq_x), 'DECIMAL') then cast(trunc(bq_x, cast(n as integer)) as varchar)
            else cast(bq_trunc_at(cast(bq_x as double), n) as varchar) end, ceil(bq_x) + bq_x))[1];
create or replace macro bq_sign(x) as cast_to_type(sign(x), x);
create or replace macro bq_pow(x, y) as
    bq_finite('POW', pow(cast(bq_not_numeric(x) as double), cast(bq_not_numeric(y) as double)));
create or replace macro bq_sqrt(x) as
    case when x < 0 then error('argument to SQRT cannot be negative') else sqrt(cast(bq_not_numeric(x) as double)) end;
create or replace macro bq_exp(x) as bq_finite('EXP', exp(cast(bq_not_numeric(x) as double)));
create or replace macro bq_ln(x) as bq_finite('LN', ln(cast(bq_not_numeric(x) as double)));
create or replace macro bq_log(x) as bq_ln(x), (x, b) as bq_finite('LOG', bq_ln(x) / bq_ln(b));
create or replace macro bq_log10(x) as bq_finite('LOG10', log10(cast(bq_not_numeric(x) as double)));
create or replace macro bq_bit_count(x) as cast(bit_count(bq_int64_only(x)) as bigint);
create or replace macro bq_range_bucket(x, bounds) as
    case when x is not null then len(list_filter(bounds, lambda bq_bound: bq_bound <= x)) end;

-- Text --------------------------------------------------------------------------------------------------------------
create or replace macro bq_count_from_0(name, n) as
    case when n < 0 then error(name || ': a length cannot be negative') else n end;
create or replace macro bq_substr_start(s, p) as
    case when p > 0 then p when p = 0 or -p > length(s) then 1 when p < 0 then length(s) + p + 1 end;
create or replace macro bq_substr(s, p) as substring(s, bq_substr_start(s, p)),
    (s, p, n) as substring(s, bq_substr_start(s, p), bq_count_from_0('SUBSTR', n));
create or replace macro bq_left(s, n) as "left"(s, bq_count_from_0('LEFT', n));
create or replace macro bq_right(s, n) as "right"(s, bq_count_from_0('RIGHT', n));
create or replace macro bq_lpad(s, n) as lpad(s, cast(bq_count_from_0('LPAD', n) as integer), ' '),
    (s, n, p) as lpad(s, cast(bq_count_from_0('LPAD', n) as integer), p);
create or replace macro bq_rpad(s, n) as rpad(s, cast(bq_count_from_0('RPAD', n) as integer), ' '),
    (s, n, p) as rpad(s, cast(bq_count_from_0('RPAD', n) as integer), p);
create or replace macro bq_repeat(s, n) as repeat(s, bq_count_from_0('REPEAT', n));
-- White space as Unicode has it, byte by byte: U+0009 to 000D, 0020, 0085, 00A0, 1680; 2000 to 200A; 2028, 2029, 202F,
-- 205F, 3000. DuckDB's own TRIM knows spaces only.
create or replace macro bq_white() as
    e'\t\n\x0b\x0c\r \xc2\x85\xc2\xa0\xe1\x9a\x80'
    || e'\xe2\x80\x80\xe2\x80\x81\xe2\x80\x82\xe2\x80\x83\xe2\x80\x84\xe2\x80\x85\xe2\x80\x86\xe2\x80\x87'
    || e'\xe2\x80\x88\xe2\x80\x89\xe2\x80\x8a\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\x9f\xe3\x80\x80';
create or replace macro bq_trim(s) as trim(s, bq_white()), (s, c) as trim(s, c);
create or replace macro bq_ltrim(s) as ltrim(s, bq_white()), (s, c) as ltrim(s, c);
create or replace macro bq_rtrim(s) as rtrim(s, bq_white()), (s, c) as rtrim(s, c);
-- DuckDB changes the case of one character at a time: 'ß' stays one. Python does as BigQuery does.
create or replace macro bq_unicode(s) as case when s = '' then 0 else cast(unicode(s) as bigint) end;
create or replace macro bq_ascii(s) as
    case when unicode(s) > 127 then error('ASCII of a character that is none: use UNICODE') else bq_unicode(s) end;
create or replace macro bq_is_ascii(s) as strlen(s) = length(s);
create or replace macro bq_lower(s) as case when bq_is_ascii(s) then lower(s) else bq_lower_unicode(s) end;
create or replace macro bq_upper(s) as case when bq_is_ascii(s) then upper(s) else bq_upper_unicode(s) end;
create or replace macro bq_reverse(s) as case when bq_is_ascii(s) then reverse(s) else bq_reverse_unicode(s) end;
create or replace macro bq_length(s) as
    case when typeof(s) = 'BLOB' then octet_length(try_cast(s as blob)) else length(cast(s as varchar)) end;
create or replace macro bq_byte_length(s) as
    case when typeof(s) = 'BLOB' then octet_length(try_cast(s as blob)) else strlen(cast(s as varchar)) end;
create or replace macro bq_instr(s, w) as strpos(s, w), (s, w, p) as bq_instr_at(s, w, p, 1),
    (s, w, p, n) as bq_instr_at(s, w, p, n);
create or replace macro bq_split(s) as string_split(s, ','),
    (s, d) as case when s = '' then [''] when d = '' then regexp_extract_all(s, '(?s).') else string_split(s, d) end;
create or replace macro bq_regexp_extract(s, r, "group") as
    case when regexp_matches(s, r) then regexp_extract(s, r, "group") end;
create or replace macro bq_like(s, p) as s like p escape '\';
create or replace macro bq_md5(x) as unhex(md5(bq_to_bytes(x)));
create or replace macro bq_sha1(x) as unhex(sha1(bq_to_bytes(x)));
create or replace macro bq_sha256(x) as unhex(sha256(bq_to_bytes(x)));
create or replace macro bq_to_hex(b) as lower(hex(cast(b as blob)));
create or replace macro bq_from_hex(s) as unhex(s);
create or replace macro bq_to_base64(b) as to_base64(cast(b as blob));
create or replace macro bq_from_base64(s) as from_base64(s);
create or replace macro bq_farm_fingerprint(x) as bq_farm_fingerprint64(bq_to_bytes(x));
create or replace macro bq_net_host(u) as bq_host(u);
create or replace macro bq_net_reg_domain(u) as bq_reg_domain(u);
create or replace macro bq_net_public_suffix(u) as bq_public_suffix(u);

-- Lists -------------------------------------------------------------------------------------------------------------
create or replace macro bq_offset(a, i) as
    case when i < 0 or i >= len(a) then error('array index ' || i || ' is out of bounds: use SAFE_OFFSET') else a[i + 1] end;
create or replace macro bq_safe_offset(a, i) as case when i >= 0 then a[i + 1] end;
create or replace macro bq_array_reverse(a) as list_reverse(a);
create or replace macro bq_array_length(a) as len(a);
-- DuckDB's list_concat takes NULL for an empty list; BigQuery's answer is NULL.
create or replace macro bq_array_concat_2(a, b) as case when a is not null and b is not null then list_concat(a, b) end;
create or replace macro bq_array_to_string(a, d) as array_to_string(a, d),
    (a, d, n) as array_to_string(list_transform(a, lambda bq_item: coalesce(bq_item, n)), d);
create or replace macro bq_generate_array(a, b) as generate_series(bq_int64_only(a), bq_int64_only(b)),
    (a, b, step) as generate_series(bq_int64_only(a), bq_int64_only(b), bq_int64_only(step));
create or replace macro bq_array_first(a) as bq_offset(a, 0);
create or replace macro bq_array_last(a) as bq_offset(a, len(a) - 1);

-- Days and times ----------------------------------------------------------------------------------------------------
-- The day on which the week of d begins, when weeks begin on this ISO weekday (7 is Sunday).
create or replace macro bq_week_start(d, weekday) as
    cast(d as date) - cast((isodow(d) - weekday + 7) % 7 as integer);
create or replace macro bq_trunc_week(d, weekday) as cast_to_type(bq_week_start(d, weekday), d);
create or replace macro bq_trunc_to(d, part) as cast_to_type(date_trunc(part, d), d);
-- Within a day of a zone: by what is left over, because an hour comes twice when the clocks go back.
create or replace macro bq_trunc_within(t, part, zone) as
    t - ((t at time zone zone) - date_trunc(part, t at time zone zone));
create or replace macro bq_date_diff(a, b, part) as
    date_diff(part, bq_only('DATE', b), bq_only('DATE', a));
create or replace macro bq_datetime_diff(a, b, part) as
    date_diff(part, bq_only('TIMESTAMP', b), bq_only('TIMESTAMP', a));
create or replace macro bq_days_of_weeks(a, b, weekday) as
    (bq_week_start(a, weekday) - bq_week_start(b, weekday)) // 7;
-- Whole units that have gone by, not boundaries that were crossed.
create or replace macro bq_elapsed(a, b, microseconds) as (epoch_us(a) - epoch_us(b)) // microseconds;
create or replace macro bq_week_number(d, weekday) as
    (dayofyear(d) + 6 - (isodow(d) - weekday + 7) % 7) // 7;
create or replace macro bq_within(a, b) as a % b;
create or replace macro bq_floor_div(a, b) as (a - (a % b + b) % b) // b;
create or replace macro bq_unix_seconds(t) as bq_floor_div(epoch_us(t), 1000000);
create or replace macro bq_unix_millis(t) as bq_floor_div(epoch_us(t), 1000);
create or replace macro bq_unix_micros(t) as epoch_us(t);
create or replace macro bq_timestamp_seconds(n) as make_timestamp(cast(n as bigint) * 1000000) at time zone 'UTC';
create or replace macro bq_timestamp_millis(n) as make_timestamp(cast(n as bigint) * 1000) at time zone 'UTC';
create or replace macro bq_timestamp_micros(n) as make_timestamp(cast(n as bigint)) at time zone 'UTC';
create or replace macro bq_unix_date(d) as date_diff('day', date '1970-01-01', bq_only('DATE', d));
create or replace macro bq_date_from_unix_date(n) as date '1970-01-01' + cast(n as integer);
create or replace macro bq_date(x) as bq_to_date(x),
    (t, zone) as cast(bq_only('TIMESTAMP WITH TIME ZONE', t) at time zone zone as date),
    (y, m, d) as make_date(y, m, d);
create or replace macro bq_timestamp(x) as bq_to_timestamp(x), (x, zone) as bq_to_datetime(x) at time zone zone;
create or replace macro bq_datetime(x) as bq_to_datetime(x),
    (t, zone) as bq_only('TIMESTAMP WITH TIME ZONE', t) at time zone zone,
    (y, m, d, h, i, s) as make_timestamp(y, m, d, h, i, cast(s as double));
create or replace macro bq_generate_timestamp_array(a, b, step) as
    generate_series(bq_to_timestamp(a), bq_to_timestamp(b), step);
