"""How Salesforce's REST API writes things: values, the types of fields, refusals."""

from __future__ import annotations

import json
from datetime import date, datetime

from sg_assets.sandbox.stand_in import Refusal

_TYPES = {
    "currency": {"Amount", "ARR__c", "BudgetedCost", "ActualCost"},
    "int": {
        "NumberOfEmployees", "Stage_Number__c", "Seats__c", "Environment_Users__c", "Environment_Repositories__c",
    },
    "percent": {"Probability"},
    "boolean": {"HasResponded"},
    "date": {
        "CloseDate", "ConvertedDate", "MQL_Date__c", "Active_Contract_Period_End__c", "StartDate", "EndDate",
        "Start_Date__c", "End_Date__c", "FirstRespondedDate", "Environment_Answered_On__c",
    },
    "datetime": {"CreatedDate", "LastModifiedDate", "SystemModstamp"},
}  # fmt: skip


def wire(value: object) -> object:
    """A value as the REST API writes it: times in UTC with milliseconds that are always zero."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return value.isoformat() if isinstance(value, date) else value


def read_back(name: str, value: object) -> object:
    """A value that was written to a field, as a record has it."""
    return date.fromisoformat(value) if isinstance(value, str) and field_type(name) == "date" else value


def field_type(name: str) -> str:
    """The type that a field's name stands for in this organisation."""
    if name.endswith("Id") or name in {"Account__c", "Opportunity__c"}:
        return "id" if name == "Id" else "reference"
    if name.startswith("Is"):
        return "boolean"
    for type_, names in _TYPES.items():
        if name in names:
            return type_
    return "string"


_REFUSALS = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("INSUFFICIENT_ACCESS", "insufficient access rights on object id"),
    429: ("TOO_MANY_REQUESTS", "Too many requests"),
}


def refuse(status: int) -> Refusal:
    """Salesforce's refusal: an array of errors."""
    code, message = _REFUSALS[status]
    return Refusal("application/json;charset=UTF-8", json.dumps([{"message": message, "errorCode": code}]).encode())


_LIMIT = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
QUOTA = (403, Refusal("application/json;charset=UTF-8", json.dumps(_LIMIT).encode()))
