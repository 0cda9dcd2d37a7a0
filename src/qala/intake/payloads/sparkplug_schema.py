"""The protobuf messages of Sparkplug B, described from its specification (Eclipse Sparkplug 3.0, chapter 6)."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_VALUES = "uint32 int_value, uint64 long_value, float float_value, double double_value, bool boolean_value, string string_value"

# message: fields as "type name", numbered from 1 in this order; * is repeated; those after | are its `value`, one of them
_MESSAGES = {
    "DataSetValue": f"| {_VALUES}",
    "Row": "*DataSetValue elements",
    "DataSet": "uint64 num_of_columns, *string columns, *uint32 types, *Row rows",
    "PropertyValue": f"uint32 type, bool is_null | {_VALUES}, PropertySet propertyset_value, "
    "PropertySetList propertysets_value",
    "PropertySet": "*string keys, *PropertyValue values",
    "PropertySetList": "*PropertySet propertyset",
    "MetaData": "bool is_multi_part, string content_type, uint64 size, uint64 seq, string file_name, string file_type, "
    "string md5, string description",
    "Parameter": f"string name, uint32 type | {_VALUES}",
    "Template": "string version, *Metric metrics, *Parameter parameters, string template_ref, bool is_definition",
    "Metric": "string name, uint64 alias, uint64 timestamp, uint32 datatype, bool is_historical, bool is_transient, "
    f"bool is_null, MetaData metadata, PropertySet properties | {_VALUES}, bytes bytes_value, DataSet dataset_value, "
    "Template template_value",
    "Payload": "uint64 timestamp, *Metric metrics, uint64 seq, string uuid, bytes body",
}

_PACKAGE = "qala.sparkplug_b"
_FIELD = descriptor_pb2.FieldDescriptorProto


def _described() -> descriptor_pb2.FileDescriptorProto:
    # the specification's proto2 lets bytes that are no text through as texts; edition 2023 refuses them
    file = descriptor_pb2.FileDescriptorProto(name="qala/sparkplug_b.proto", package=_PACKAGE, syntax="editions")
    file.edition = descriptor_pb2.EDITION_2023
    for name, text in _MESSAGES.items():
        message = file.message_type.add(name=name)
        always, _, alternatives = text.partition("|")
        if alternatives:
            message.oneof_decl.add(name="value")
        for part, of in ((always, None), (alternatives, 0)):
            for one in filter(None, (field.strip() for field in part.split(","))):
                _add(message, one, of)
    return file


def _add(message: descriptor_pb2.DescriptorProto, text: str, of: int | None) -> None:
    kind, name = text.lstrip("*").split()
    field = message.field.add(
        name=name,
        number=len(message.field) + 1,
        label=_FIELD.LABEL_REPEATED if text.startswith("*") else _FIELD.LABEL_OPTIONAL,
    )
    if kind in _MESSAGES:
        field.type, field.type_name = _FIELD.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    else:
        field.type = _FIELD.Type.Value(f"TYPE_{kind.upper()}")
    if of is not None:
        field.oneof_index = of


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_described())


def _class(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


Payload: Any = _class("Payload")
Metric: Any = _class("Metric")

DATETIME = 13
SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
"""Int8 to Int64, written as unsigned numbers, and their bits."""

# the names of the data types by number (chapter 6, "Data Types")
DATA_TYPES = (
    "Unknown", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float", "Double", "Boolean",
    "String", "DateTime", "Text", "UUID", "DataSet", "Bytes", "File", "Template", "PropertySet", "PropertySetList",
    "Int8Array", "Int16Array", "Int32Array", "Int64Array", "UInt8Array", "UInt16Array", "UInt32Array", "UInt64Array",
    "FloatArray", "DoubleArray", "BooleanArray", "StringArray", "DateTimeArray",
)  # fmt: skip

# arrays of numbers: little endian, one after another, in the letters of `struct`
PACKED = {22: "b", 23: "h", 24: "i", 25: "q", 26: "B", 27: "H", 28: "I", 29: "Q", 30: "f", 31: "d", 34: "Q"}
BOOLEAN_ARRAY, STRING_ARRAY = 32, 33
ARRAYS = frozenset({*PACKED, BOOLEAN_ARRAY, STRING_ARRAY})
