#pragma once
// A node's, topic's or client's settings with the table's defaults behind them. For
// sim/model/config*.cpp alone. The typed readers require a legal value (checked).

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/config_def.h"

namespace bsim {

class ConfigView {
  public:
    // `values` must outlive the view.
    ConfigView(ConfigKind kind, const ConfigMap& values) : kind_(kind), values_(values) {}

    bool is_set(std::string_view name) const { return values_.contains(name); }
    // The text set, else the default; nullopt for null.
    std::optional<std::string_view> text(std::string_view name) const;
    bool boolean(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;
    std::optional<std::int64_t> maybe_integer(std::string_view name) const;
    std::int32_t int32(std::string_view name) const;
    // A setting in milliseconds, at most kLongestSpan.
    SimDuration span_ms(std::string_view name) const;
    std::vector<std::string_view> list(std::string_view name) const;

  private:
    ConfigKind kind_;
    const ConfigMap& values_;
};

// What log.retention.ms, .minutes and .hours come to, in milliseconds; negative: no limit.
std::int64_t retention_ms(const ConfigView& broker);
// What log.roll.ms and .hours come to; what log.roll.jitter.ms and .hours come to.
std::int64_t roll_ms(const ConfigView& broker);
std::int64_t roll_jitter_ms(const ConfigView& broker);

}  // namespace bsim
