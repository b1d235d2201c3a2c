#pragma once
// Who wants to know what a message holds, field by field, without knowing its type: the generated
// describe() tells a FieldSink the fields that exist in a version, in Kafka's order and by Kafka's
// camelCase names; tagged fields only when they differ from their default, as Kafka's
// JsonConverter does. An object alternates name() and one value; an array is values only.

#include <cstdint>
#include <string_view>

#include "sim/base/bytes.h"
#include "sim/base/uuid.h"

namespace bsim::wire {

class FieldSink {
  public:
    virtual ~FieldSink() = default;

    virtual void open_object() = 0;
    virtual void close_object() = 0;
    virtual void open_array() = 0;
    virtual void close_array() = 0;
    virtual void name(const char* field) = 0;

    virtual void null() = 0;
    virtual void boolean(bool value) = 0;
    virtual void number(std::int64_t value) = 0;
    virtual void real(double value) = 0;
    virtual void text(std::string_view value) = 0;
    virtual void uuid(const Uuid& value) = 0;
    virtual void bytes(ByteView value) = 0;
    virtual void records(const SharedBytes& value) = 0;
};

}  // namespace bsim::wire
