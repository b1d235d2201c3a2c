#pragma once
// The JSON form of any generated message, as Kafka's JsonConverter classes give it and
// kafka-dump-log prints it: binary fields in standard base64, ids as 22 characters, record sets as
// "" (the converter leaves them out), tagged fields only when not at their default.
// Requires a version that the message has.

#include <cstdint>
#include <memory>

#include <nlohmann/json.hpp>

#include "sim/wire/field_sink.h"

namespace bsim::wire {

// Collects what describe() tells into a JSON value.
class JsonSink final : public FieldSink {
  public:
    JsonSink();
    ~JsonSink() override;
    JsonSink(const JsonSink&) = delete;
    JsonSink& operator=(const JsonSink&) = delete;

    nlohmann::ordered_json take();

    void open_object() override;
    void close_object() override;
    void open_array() override;
    void close_array() override;
    void name(const char* field) override;
    void null() override;
    void boolean(bool value) override;
    void number(std::int64_t value) override;
    void real(double value) override;
    void text(std::string_view value) override;
    void uuid(const Uuid& value) override;
    void bytes(ByteView value) override;
    void records(const SharedBytes& value) override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

template <class Message>
requires requires {
    Message::kMaxVersion;
}
nlohmann::ordered_json to_json(const Message& message, std::int16_t version) {
    JsonSink sink;
    describe(message, version, sink);
    return sink.take();
}

}  // namespace bsim::wire
