"""What is refused of BigQuery's SQL, and what to write instead.

Two questions: is the result a function of the inputs (`refuse_undetermined`, for tables that are built, on either warehouse), and
does DuckDB mean the same by it (`refuse_unfaithful`). To the second the answer is no for every function and every part
of the language that is not in the lists below: whoever wants one more tries it on both and adds it with a test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from sg_assets.warehouse.dialect_error import DialectError
from sg_assets.warehouse.dialect_parser import CARRIED

# Functions whose answer is another one each time they are asked, or for each order of the same rows.
_UNDETERMINED: Mapping[str, str] = {
    "ANY_VALUE": "take MIN, MAX, or ARRAY_AGG(… ORDER BY … LIMIT 1)[OFFSET(0)]",
    "APPROX_COUNT_DISTINCT": "write COUNT(DISTINCT …)",
    "APPROX_QUANTILES": "write PERCENTILE_CONT(…) OVER (…)",
    "APPROX_TOP_COUNT": "count and order",
    "APPROX_TOP_SUM": "sum and order",
    "CURRENT_DATETIME": "only CURRENT_DATE(), the UTC day of the run, can be read",
    "CURRENT_TIME": "only CURRENT_DATE(), the UTC day of the run, can be read",
    "CURRENT_TIMESTAMP": "only CURRENT_DATE(), the UTC day of the run, can be read",
    "GENERATE_UUID": "make the key from the row, with TO_HEX(MD5(…)) for instance",
    "MAX_BY": "among equals it takes any: write ARRAY_AGG(… ORDER BY … DESC, <key> LIMIT 1)[OFFSET(0)]",
    "MIN_BY": "among equals it takes any: write ARRAY_AGG(… ORDER BY …, <key> LIMIT 1)[OFFSET(0)]",
    "RAND": "order by a hash of the key, FARM_FINGERPRINT for instance",
    "SESSION_USER": "leave it out",
}
_NEED_ORDER = (exp.RowNumber, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead, exp.Ntile)

# Mended in the tree, or the same on DuckDB as sqlglot writes them.
_FAITHFUL = frozenset(
    (
        "ABS ANY_VALUE ARRAY_AGG ASCII AVG BIT_COUNT CAST CEIL CEILING CHR COALESCE CONCAT CORR COUNT COUNTIF"
        " CUME_DIST CURRENT_DATE DENSE_RANK ENDS_WITH ERROR EXTRACT FIRST_VALUE FLOOR GENERATE_DATE_ARRAY GREATEST IF"
        " IFNULL IS_INF IS_NAN LAG LAST_VALUE LEAD LEAST LOGICAL_AND LOGICAL_OR MAX MIN MOD NET.HOST NET.PUBLIC_SUFFIX"
        " NET.REG_DOMAIN NTH_VALUE NTILE NULLIF PERCENTILE_CONT PERCENTILE_DISC PERCENT_RANK RANK REGEXP_CONTAINS"
        " REGEXP_EXTRACT_ALL REGEXP_REPLACE REPLACE ROW_NUMBER SAFE_CAST STARTS_WITH STDDEV STDDEV_POP STDDEV_SAMP"
        " STRING_AGG STRPOS SUM TRANSLATE UNICODE VARIANCE VAR_POP VAR_SAMP"
    ).split()
)
# Those that may stand behind SAFE.; an error inside any other would still stop the query.
_SAFE = frozenset(
    "FROM_BASE64 FROM_HEX PARSE_DATE PARSE_DATETIME PARSE_JSON PARSE_TIMESTAMP TIMESTAMP_MICROS TIMESTAMP_MILLIS"
    " TIMESTAMP_SECONDS".split()
)
# Words before a parenthesis that are no functions.
_WORDS = frozenset(
    "ALL AND ANY ARRAY AS BETWEEN BY CROSS CUBE DISTINCT ELSE EXCEPT EXISTS FROM HAVING IN INTERSECT INTERVAL JOIN LIKE NOT OFFSET"
    " ON OR ORDINAL OVER QUALIFY ROLLUP SAFE_OFFSET SAFE_ORDINAL SELECT SETS SOME STRUCT THEN UNION UNNEST USING WEEK WHEN"
    " WHERE WITH".split()
)
_SYNTAX = frozenset(
    (
        "Abs Add Alias And Anonymous AnyValue Array ArrayAgg Ascii AtTimeZone Avg Between BitwiseAnd BitwiseCount"
        " BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor Boolean Bracket ByteString CTE Case Cast Ceil"
        " Chr Coalesce Column ColumnDef Concat Corr Count CountIf CumeDist CurrentDate DPipe DataType DataTypeParam DenseRank"
        " Distinct Div Dot EQ EndsWith Except Exists Extract FirstValue Floor From GT GTE GenerateDateArray Greatest Group"
        " GroupConcat GroupingSets Having HexString Host Identifier If IgnoreNulls In Intersect Interval Is IsInf IsNan"
        " JSONPath JSONPathKey JSONPathRoot Join LT LTE Lag LastValue Lead Least Like Limit Literal LogicalAnd LogicalOr"
        " Max Min Mod Mul NEQ Neg NetFunc Not NthValue Ntile Null NullSafeEQ NullSafeNEQ Nullif Offset Or Order Ordered"
        " Paren ParseJSON PercentRank PercentileCont PercentileDisc PropertyEQ Qualify Rank RawString RegDomain"
        " RegexpExtractAll RegexpLike RegexpReplace Replace RespectNulls Rollup RowNumber SafeFunc Select Star StartsWith"
        " Stddev StddevPop StddevSamp StrPosition Struct Sub Subquery Sum Table TableAlias Translate TryCast Tuple Unicode"
        " Union Unnest Var Variance VariancePop WeekStart Where Window WindowSpec With"
    ).split()
)
_ONLY = {exp.Table: {"this", "db", "alias", "catalog"}, exp.Subquery: {"this", "alias", "with_"}}


def refuse_undetermined(tree: exp.Query, tokens: Sequence[Token]) -> None:
    """Refuse what makes a result depend on more than its inputs.

    Raises:
        DialectError: says what, where, and what to write instead.
    """
    for name, line in _functions(tokens):
        if name in _UNDETERMINED:
            _refuse(f"line {line}: {name} gives no certain answer: {_UNDETERMINED[name]}")
    for token in tokens:
        if (
            token.text.upper() in ("CURRENT_TIMESTAMP", "CURRENT_DATETIME", "CURRENT_TIME")
            and token.token_type is not TokenType.STRING
        ):
            _refuse(f"line {token.line}: {token.text.upper()}: {_UNDETERMINED[token.text.upper()]}")
    for node in tree.walk():
        if isinstance(node, exp.ArrayAgg | exp.GroupConcat) and not isinstance(_without_limit(node.this), exp.Order):
            name = "ARRAY_AGG" if isinstance(node, exp.ArrayAgg) else "STRING_AGG"
            _refuse(f"{name} without ORDER BY inside gives its rows in no certain order: {node.sql('bigquery')}")
        if isinstance(node, exp.Array) and isinstance(_query(node), exp.Query) and not _query(node).args.get("order"):
            _refuse(f"ARRAY(SELECT …) without ORDER BY has no certain order: {node.sql('bigquery')}")
        if isinstance(node, exp.Window) and not node.args.get("order") and not node.args.get("alias"):
            function = node.this.this if isinstance(node.this, exp.IgnoreNulls | exp.RespectNulls) else node.this
            if isinstance(function, _NEED_ORDER):
                _refuse(f"without ORDER BY in its window this takes any row: {node.sql('bigquery')}")
        if isinstance(node, exp.Query) and node.args.get("limit") and not node.args.get("order"):
            _refuse("LIMIT without ORDER BY takes any rows: order by something unique first")
        if isinstance(node, exp.Table) and node.args.get("when"):
            _refuse(f"{node.sql('bigquery')}: a build reads its inputs as they are, not as of another time")


def refuse_unfaithful(tree: exp.Query, tokens: Sequence[Token]) -> None:
    """Refuse what would mean something else on DuckDB, or of which nobody knows what it would mean.

    Raises:
        DialectError: says what, where, and what to write instead.
    """
    for name, line in _functions(tokens):
        known = name in _FAITHFUL or name in CARRIED
        if name.startswith("SAFE."):
            known = name.removeprefix("SAFE.") in _SAFE
        if not known:
            _refuse(
                f"line {line}: {name} is not carried over to DuckDB; if it is worth it, add it with a test of its values"
            )
    for node in tree.walk():
        if type(node).__name__ not in _SYNTAX:
            _refuse(f"{type(node).__name__} is not carried over to DuckDB: {node.sql('bigquery')}")
        only = _ONLY.get(type(node))
        for name, value in node.args.items():
            if only is not None and value and name not in only:
                _refuse(f"{name.upper()} of a table is not carried over to DuckDB: {node.sql('bigquery')}")
        if isinstance(node, exp.Select) and node.args.get("kind") == "VALUE":
            _refuse("SELECT AS VALUE is not carried over to DuckDB: name the columns")
        if isinstance(node, exp.Table) and node.db and _is_alias(node, tree):
            _refuse(f"{node.sql('bigquery')} reads a column like a table: write UNNEST({node.sql('bigquery')})")


def _refuse(message: str) -> None:
    raise DialectError(message)


def _without_limit(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Limit) else node


def _query(node: exp.Expr) -> exp.Expr | None:
    return node.expressions[0] if node.expressions else None


def _is_alias(table: exp.Table, tree: exp.Query) -> bool:
    names = {source.alias.lower() for source in tree.find_all(exp.Table, exp.Subquery, exp.Unnest) if source.alias}
    return table.db.lower() in names


def _functions(tokens: Sequence[Token]) -> Iterator[tuple[str, int]]:
    """The functions that a text calls, `NET.HOST` and `SAFE.…` with their prefix, and the line of each."""
    for i, token in enumerate(tokens[:-1]):
        if tokens[i + 1].token_type is not TokenType.L_PAREN or token.token_type is TokenType.STRING:
            continue
        name = token.text.upper()
        if i > 1 and tokens[i - 1].token_type is TokenType.DOT:
            name = f"{tokens[i - 2].text.upper()}.{name}"
        elif not (name[:1].isalpha() or name[:1] == "_") or name in _WORDS:
            continue
        yield name, token.line
