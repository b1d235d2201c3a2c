#include "sim/node/record_content.h"

#include <charconv>
#include <fmt/format.h>

#include "sim/base/check.h"

namespace bsim {
namespace {

constexpr std::size_t kLongBytes = 8;
// A long is made of the producer's place and the record's number, both readable in decimal.
constexpr std::int64_t kRecordsOfProducer = 1'000'000'000'000;

SharedBytes bytes_of(std::string_view text) {
    return SharedBytes::copy_of(as_bytes(text));
}

// Source: LongSerializer.
SharedBytes bytes_of(std::int64_t value) {
    std::vector<std::uint8_t> out(kLongBytes);
    store_be(out.data(), value);
    return SharedBytes(std::move(out));
}

// A name of a producer has nothing that JSON would have to escape.
std::string json_text(const RecordForm& form, const NodeName& producer, std::uint64_t id) {
    const std::string bare =
        fmt::format(R"json({{"producer":"{}","record":{})json", producer.text(), id);
    constexpr std::string_view kFill = R"json(,"fill":"")json";
    const auto room = form.value_bytes - std::ssize(bare) - std::ssize(kFill) - 1;
    if (room < 0)
        return bare + "}";
    return fmt::format(R"json({},"fill":"{}"}})json", bare,
                       std::string(static_cast<std::size_t>(room), '.'));
}

}  // namespace

SharedBytes record_key(Serializer serializer, std::uint64_t number) {
    if (serializer == Serializer::Long)
        return bytes_of(static_cast<std::int64_t>(number));
    if (serializer == Serializer::Json)
        return bytes_of(fmt::format(R"json({{"key":{}}})json", number));
    return bytes_of(fmt::format("key-{}", number));
}

std::string value_text(const RecordForm& form, const NodeName& producer, client::RecordId id) {
    if (form.value == Serializer::Long) {
        return std::to_string(form.producer * kRecordsOfProducer +
                              static_cast<std::int64_t>(id.value()));
    }
    if (form.value == Serializer::Json)
        return json_text(form, producer, id.value());
    std::string text = fmt::format("{}:{}", producer.text(), id.value());
    if (std::ssize(text) > form.value_bytes)
        text = std::to_string(id.value());
    if (std::ssize(text) < form.value_bytes)
        text.resize(static_cast<std::size_t>(form.value_bytes), '.');
    return text;
}

SharedBytes serialize_value(Serializer serializer, std::string_view text) {
    if (serializer != Serializer::Long)
        return bytes_of(text);
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    BSIM_CHECK(read.ec == std::errc());
    return bytes_of(value);
}

std::string_view value_text(ByteView value, std::deque<std::string>& made) {
    // The longs that are written here begin with a zero byte, which no text does.
    if (value.size() != kLongBytes || value[0] != 0)
        return as_text(value);
    return made.emplace_back(std::to_string(load_be<std::int64_t>(value.data())));
}

}  // namespace bsim
