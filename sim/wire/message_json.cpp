#include "sim/wire/message_json.h"

#include <algorithm>
#include <string>
#include <vector>

#include "sim/base/check.h"

namespace bsim::wire {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string base64(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        for (std::size_t i = 0; i < 3; ++i) {
            group = group << 8U | (i < count ? bytes[at + i] : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= count ? kBase64[(group >> (18U - 6U * i)) & 63U] : '=';
        }
    }
    return text;
}

}  // namespace

struct JsonSink::State {
    nlohmann::ordered_json root;
    // The open containers, outermost first. Their addresses hold: a container grows only after
    // those inside it are closed.
    std::vector<nlohmann::ordered_json*> open;
    std::string name;

    nlohmann::ordered_json& add(nlohmann::ordered_json value) {
        if (open.empty())
            return root = std::move(value);
        nlohmann::ordered_json& top = *open.back();
        if (top.is_array())
            return top.emplace_back(std::move(value));
        return top[name] = std::move(value);
    }
    void close() {
        BSIM_CHECK(!open.empty());
        open.pop_back();
    }
};

JsonSink::JsonSink() : state_(std::make_unique<State>()) {}
JsonSink::~JsonSink() = default;

nlohmann::ordered_json JsonSink::take() {
    BSIM_CHECK(state_->open.empty());
    return std::move(state_->root);
}

void JsonSink::open_object() {
    state_->open.push_back(&state_->add(nlohmann::ordered_json::object()));
}
void JsonSink::close_object() {
    state_->close();
}
void JsonSink::open_array() {
    state_->open.push_back(&state_->add(nlohmann::ordered_json::array()));
}
void JsonSink::close_array() {
    state_->close();
}
void JsonSink::name(const char* field) {
    state_->name = field;
}
void JsonSink::null() {
    state_->add(nullptr);
}
void JsonSink::boolean(bool value) {
    state_->add(value);
}
void JsonSink::number(std::int64_t value) {
    state_->add(value);
}
void JsonSink::real(double value) {
    state_->add(value);
}
void JsonSink::text(std::string_view value) {
    state_->add(std::string(value));
}
void JsonSink::uuid(const Uuid& value) {
    state_->add(value.to_string());
}
void JsonSink::bytes(ByteView value) {
    state_->add(base64(value));
}
void JsonSink::records(const SharedBytes&) {
    state_->add("");
}

}  // namespace bsim::wire
