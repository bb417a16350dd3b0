-- CAST, SAFE_CAST and JSON as BigQuery does them. DuckDB's own casts take many more forms of text ('yes', '1e3', '1_000',
-- '2026/01/05') for a value. bq_text_<type> reads a text or gives NULL; bq_to_<type> is CAST, bq_safe_<type> SAFE_CAST.
-- A macro's argument is planned as often as it stands in it, and again in each macro around: a lambda names a text once.

create or replace macro bq_checked(type, s, value) as
    coalesce(value, case when s is not null then error('not a ' || type || ': ' || s) end);
create or replace macro bq_is_text(x) as typeof(x) = 'VARCHAR' or typeof(x) = 'JSON' and error('JSON has no CAST: use JSON_VALUE');

create or replace macro bq_text_int64(s) as
    case when regexp_full_match(s, '\s*[+-]?\d+\s*') then try_cast(trim(s, e' \t\n\f\r') as bigint)
        when regexp_full_match(s, '\s*\+?0[xX][0-9a-fA-F]+\s*') then try_cast(regexp_replace(s, '[\s+]', '', 'g') as bigint)
        when regexp_full_match(s, '\s*-0[xX][0-9a-fA-F]+\s*') then -try_cast(regexp_replace(s, '[\s-]', '', 'g') as bigint) end;
-- A number with a fraction is rounded, halves away from zero; DuckDB's cast takes them to the even one.
create or replace macro bq_to_int64(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_checked('INT64', bq_s, bq_text_int64(bq_s)))[1]
        when typeof(x) = 'DOUBLE' then cast(round(try_cast(x as double)) as bigint) else cast(x as bigint) end;
create or replace macro bq_safe_int64(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_text_int64(bq_s))[1]
        when typeof(x) = 'DOUBLE' then try_cast(round(try_cast(x as double)) as bigint) else try_cast(x as bigint) end;

create or replace macro bq_text_float64(s) as
    case when regexp_full_match(s, '\s*[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|(?i:inf|infinity))\s*')
            then try_cast(trim(s, e' \t\n\f\r') as double)
        when regexp_full_match(s, '\s*[+-]?(0[xX][0-9a-fA-F.]+(p[+-]?\d+)?|(?i:nan))\s*')
            then cast(error('hexadecimal FLOAT64 and NaN mean something else in DuckDB: ' || s) as double) end;
create or replace macro bq_to_float64(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_checked('FLOAT64', bq_s, bq_text_float64(bq_s)))[1] else cast(x as double) end;
create or replace macro bq_safe_float64(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_text_float64(bq_s))[1] else try_cast(x as double) end;

create or replace macro bq_text_numeric(s) as
    case when regexp_full_match(s, '\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*')
        then try_cast(trim(s, e' \t\n\f\r') as decimal(38, 9)) end;
create or replace macro bq_to_numeric(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_checked('NUMERIC', bq_s, bq_text_numeric(bq_s)))[1] else cast(x as decimal(38, 9)) end;
create or replace macro bq_safe_numeric(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_text_numeric(bq_s))[1] else try_cast(x as decimal(38, 9)) end;

create or replace macro bq_text_bool(s) as case lower(s) when 'true' then true when 'false' then false end;
create or replace macro bq_to_bool(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_checked('BOOL', bq_s, bq_text_bool(bq_s)))[1] else cast(x as boolean) end;
create or replace macro bq_safe_bool(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_text_bool(bq_s))[1] else try_cast(x as boolean) end;

create or replace macro bq_text_date(s) as case when regexp_full_match(s, '\d{4}-\d{1,2}-\d{1,2}') then try_cast(s as date) end;
create or replace macro bq_to_date(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_checked('DATE', bq_s, bq_text_date(bq_s)))[1] else cast(x as date) end;
create or replace macro bq_safe_date(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_text_date(bq_s))[1] else try_cast(x as date) end;

create or replace macro bq_text_datetime(s) as
    case when regexp_full_match(s, '\d{4}-\d{1,2}-\d{1,2}([ Tt]([01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(\.\d{1,9})?)?')
        then try_cast(upper(s) as timestamp) end;
create or replace macro bq_to_datetime(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_checked('DATETIME', bq_s, bq_text_datetime(bq_s)))[1]
        when typeof(x) = 'TIMESTAMP WITH TIME ZONE' then try_cast(x as timestamptz) at time zone 'UTC'
        else cast(x as timestamp) end;
create or replace macro bq_safe_datetime(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_text_datetime(bq_s))[1] else bq_to_datetime(x) end;

-- A zone is Z, +h, +hh:mm, +hhmm or, after a space, a name. DuckDB wants 'T' and 'Z' as capitals and +0h.
create or replace macro bq_text_timestamp(s) as
    case when regexp_full_match(s, '\d{4}-\d{1,2}-\d{1,2}') then try_cast(s as timestamptz)
        when regexp_full_match(s, '\d{4}-\d{1,2}-\d{1,2}[ Tt]([01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(\.\d{1,9})?([Zz]|[+-]\d{1,2}(:?\d{2})?| [A-Za-z][\w/+-]*(:\d{2})?)?')
            then try_cast(regexp_replace(regexp_replace(regexp_replace(
                s, '^([0-9-]+)t', '\1T'), '(\d)z$', '\1Z'), '(\d)([+-])(\d)(:\d{2})?$', '\1\20\3\4') as timestamptz)
        when regexp_full_match(s, '\d{4}-\d{1,2}-\d{1,2}[ Tt][\d:]+:60.*')
            then cast(error('a leap second means something else in DuckDB: ' || s) as timestamptz) end;
create or replace macro bq_to_timestamp(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_checked('TIMESTAMP', bq_s, bq_text_timestamp(bq_s)))[1] else cast(x as timestamptz) end;
create or replace macro bq_safe_timestamp(x) as
    case when bq_is_text(x) then list_transform([cast(x as varchar)], lambda bq_s: bq_text_timestamp(bq_s))[1] else try_cast(x as timestamptz) end;

-- As few of 15 or 17 digits as give the same number again.
create or replace macro bq_float_text(x) as
    case when x = 0 then '0' when cast(printf('%.15g', x) as double) = x then printf('%.15g', x) else printf('%.17g', x) end;
-- Seconds have no, three or six digits behind the point.
create or replace macro bq_time_text(s) as
    regexp_replace(regexp_replace(s, '\.(\d|\d{4})(\+00)?$', '.\100\2'), '\.(\d\d|\d{5})(\+00)?$', '.\10\2');
create or replace macro bq_to_string(x) as
    case when typeof(x) = 'DOUBLE' then bq_float_text(try_cast(cast(x as varchar) as double))
        when starts_with(typeof(x), 'DECIMAL') then regexp_replace(regexp_replace(cast(x as varchar), '(\.\d*?)0+$', '\1'), '\.$', '')
        when starts_with(typeof(x), 'TIMESTAMP') then bq_time_text(cast(x as varchar))
        when typeof(x) = 'BLOB' then decode(try_cast(x as blob))
        when typeof(x) = 'JSON' then error('JSON has no CAST: use JSON_VALUE or TO_JSON_STRING')
        else cast(x as varchar) end;
create or replace macro bq_safe_string(x) as
    case when typeof(x) = 'BLOB' then try(decode(try_cast(x as blob))) else bq_to_string(x) end;
create or replace macro bq_to_bytes(x) as
    case when typeof(x) = 'BLOB' then try_cast(x as blob) else encode(cast(x as varchar)) end;

-- JSON. A text that is no JSON gives NULL; DuckDB stops. Numbers with a fraction keep their text where they come from a
-- STRING, and are written as BigQuery writes them where they come from JSON.
create or replace macro bq_readable_json(j) as
    case when typeof(j) = 'JSON' or json_valid(cast(j as varchar)) then cast(j as varchar) end;
create or replace macro bq_json_value(j, path) as
    case when json_type(bq_readable_json(j), path) in ('OBJECT', 'ARRAY') then null
        when json_type(bq_readable_json(j), path) = 'DOUBLE' then case when typeof(j) = 'JSON' then bq_json_double(json_extract_string(cast(j as varchar), path))
            else bq_json_number(cast(j as varchar), path) end
        else json_extract_string(bq_readable_json(j), path) end;
-- Of JSON comes JSON, of a STRING come STRINGs.
create or replace macro bq_json_query(j, path) as
    cast_to_type(case when typeof(j) = 'JSON' or json_type(bq_readable_json(j), path) <> 'NULL'
        then cast(json_extract(bq_readable_json(j), path) as varchar) end, j);
create or replace macro bq_json_query_array(j, path) as
    cast_to_type(case when json_type(bq_readable_json(j), path) = 'ARRAY'
        then list_transform(cast(json_extract(bq_readable_json(j), path) as json[]),
            lambda bq_item: coalesce(cast(bq_item as varchar), 'null')) end, [j]);
create or replace macro bq_json_value_array(j, path) as
    case when json_type(bq_readable_json(j), path) = 'ARRAY' and not coalesce(list_bool_or(list_transform(
            cast(json_extract(bq_readable_json(j), path) as json[]), lambda bq_item: json_type(bq_item) in ('OBJECT', 'ARRAY'))), false)
        then list_transform(cast(json_extract(bq_readable_json(j), path) as json[]), lambda bq_item: bq_json_value(bq_item, '$')) end;
create or replace macro bq_json_type(j) as
    case json_type(j) when 'OBJECT' then 'object' when 'ARRAY' then 'array' when 'VARCHAR' then 'string'
        when 'BOOLEAN' then 'boolean' when 'NULL' then 'null' when 'UBIGINT' then 'number' when 'BIGINT' then 'number'
        when 'DOUBLE' then 'number' end;
create or replace macro bq_parse_json(s) as cast(json(s) as json);
create or replace macro bq_to_json_string(x) as
    case when x is null then 'null'
        when typeof(x) = 'JSON' then bq_canonical_json(cast(x as varchar))
        when typeof(x) = 'VARCHAR' then cast(to_json(cast(x as varchar)) as varchar)
        when typeof(x) in ('BOOLEAN', 'DOUBLE', 'TIMESTAMP WITH TIME ZONE') then list_transform([bq_to_string(x)], lambda bq_s:
            case when starts_with(typeof(x), 'TIMESTAMP') then '"' || replace(replace(bq_s, ' ', 'T'), '+00', 'Z') || '"' else bq_s end)[1]
        when typeof(x) in ('BIGINT', 'INTEGER') then
            case when try_cast(x as bigint) between -9007199254740992 and 9007199254740992 then cast(x as varchar) else '"' || cast(x as varchar) || '"' end
        when typeof(x) = 'DATE' then '"' || cast(x as varchar) || '"'
        else error('TO_JSON_STRING of ' || typeof(x) || ' is not carried over') end;
-- STRING(json), INT64(json), …: the JSON value must be of that type.
create or replace macro bq_json_of_type(j, types, value) as
    case when j is null then null when list_contains(types, json_type(j)) then value
        else error('the JSON is of another type: ' || cast(j as varchar)) end;
create or replace macro bq_string(x) as
    case when typeof(x) = 'JSON' then bq_json_of_type(try_cast(x as json), ['VARCHAR'], json_extract_string(try_cast(x as json), '$'))
        else bq_to_string(x) end;
create or replace macro bq_int64(j) as bq_json_of_type(j, ['BIGINT', 'UBIGINT'], cast(json_extract_string(j, '$') as bigint));
create or replace macro bq_float64(j) as
    bq_json_of_type(j, ['BIGINT', 'UBIGINT', 'DOUBLE'], cast(json_extract_string(j, '$') as double));
create or replace macro bq_bool(j) as bq_json_of_type(j, ['BOOLEAN'], cast(json_extract_string(j, '$') as boolean));
