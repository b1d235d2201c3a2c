#include "sim/model/config_view.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/model/config.h"
#include "sim/model/config_parse.h"

namespace bsim {
namespace {

constexpr std::int64_t kMsPerMinute = 60'000;
constexpr std::int64_t kMsPerHour = 3'600'000;

}  // namespace

std::optional<std::string_view> ConfigView::text(std::string_view name) const {
    if (const auto at = values_.find(name); at != values_.end()) {
        return config_parse::trim(at->second);
    }
    const ConfigDef* def = find_config(kind_, name);
    BSIM_CHECK(def != nullptr);
    return def->default_value;
}

bool ConfigView::boolean(std::string_view name) const {
    const auto value = text(name);
    const auto parsed = value ? config_parse::boolean(*value) : std::nullopt;
    BSIM_CHECK(parsed.has_value());
    return *parsed;
}

std::optional<std::int64_t> ConfigView::maybe_integer(std::string_view name) const {
    const auto value = text(name);
    if (!value) {
        return std::nullopt;
    }
    const auto parsed = config_parse::integer(*value);
    BSIM_CHECK(parsed.has_value());
    return parsed;
}

std::int64_t ConfigView::integer(std::string_view name) const {
    const auto value = maybe_integer(name);
    BSIM_CHECK(value.has_value());
    return *value;
}

std::int32_t ConfigView::int32(std::string_view name) const {
    const std::int64_t value = integer(name);
    BSIM_CHECK(value >= INT32_MIN && value <= INT32_MAX);
    return static_cast<std::int32_t>(value);
}

SimDuration ConfigView::span_ms(std::string_view name) const {
    const std::int64_t ms = integer(name);
    return milliseconds(std::clamp(ms, -kLongestSpan.ms(), kLongestSpan.ms()));
}

std::vector<std::string_view> ConfigView::list(std::string_view name) const {
    const auto value = text(name);
    return value ? config_parse::list(*value) : std::vector<std::string_view>{};
}

std::int64_t retention_ms(const ConfigView& broker) {
    if (const auto ms = broker.maybe_integer("log.retention.ms")) {
        return *ms;
    }
    if (const auto minutes = broker.maybe_integer("log.retention.minutes")) {
        return *minutes * kMsPerMinute;
    }
    return broker.integer("log.retention.hours") * kMsPerHour;
}

std::int64_t roll_ms(const ConfigView& broker) {
    if (const auto ms = broker.maybe_integer("log.roll.ms")) {
        return *ms;
    }
    return broker.integer("log.roll.hours") * kMsPerHour;
}

std::int64_t roll_jitter_ms(const ConfigView& broker) {
    if (const auto ms = broker.maybe_integer("log.roll.jitter.ms")) {
        return *ms;
    }
    return broker.integer("log.roll.jitter.hours") * kMsPerHour;
}

}  // namespace bsim
