#include "sim/scenario/values.h"

#include <algorithm>
#include <charconv>

#include "sim/base/ratio.h"
#include "sim/scenario/quantity.h"

namespace bsim {
namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<LatencyDist> dist_from_object(const JsonNode& node) {
    const auto kind = text_of(node.find("dist"));
    const auto parameter = [&](std::string_view name) { return duration_of(node.find(name)); };
    const SimDuration least = parameter("min").value_or(SimDuration{});
    const SimDuration most = parameter("max").value_or(kNoLongest);
    if (kind == "constant") {
        if (const auto mean = parameter("mean")) {
            return ConstantDist{*mean};
        }
    } else if (kind == "uniform") {
        const auto min = parameter("min");
        const auto max = parameter("max");
        if (min && max && *min <= *max) {
            return UniformDist{*min, *max};
        }
    } else if (kind == "exponential") {
        if (const auto mean = parameter("mean")) {
            return ExponentialDist{*mean};
        }
    } else if (kind == "lognormal") {
        const auto median = parameter("median");
        const auto p99 = parameter("p99");
        if (median && p99 && *median <= *p99) {
            return LognormalDist{*median, *p99};
        }
    } else if (kind == "normal") {
        const auto mean = parameter("mean");
        const auto stddev = parameter("stddev");
        if (mean && stddev && least <= most) {
            return NormalDist{*mean, *stddev, least, most};
        }
    } else if (kind == "pareto") {
        const auto shape = factor_of(node.find("shape"));
        if (shape && least <= most) {
            return ParetoDist{least, *shape, most};
        }
    }
    return std::nullopt;
}

std::optional<Ratio> factor_or_zero(const JsonNode* node) {
    const bool number = node != nullptr && node->kind == JsonNode::Kind::Number;
    return number ? Ratio::parse(node->text) : std::nullopt;
}

}  // namespace

const JsonNode* member(const JsonNode* object, std::string_view name) {
    return object == nullptr ? nullptr : object->find(name);
}

std::optional<std::string_view> text_of(const JsonNode* node) {
    if (node == nullptr || node->kind != JsonNode::Kind::String) {
        return std::nullopt;
    }
    return node->text;
}

std::optional<std::int64_t> integer_of(const JsonNode* node) {
    if (node == nullptr || node->kind != JsonNode::Kind::Number) {
        return std::nullopt;
    }
    std::string_view text = node->text;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) {
        return value;
    }
    const bool negative = text.starts_with('-');
    if (negative) {
        text.remove_prefix(1);
    }
    const auto ratio = Ratio::parse(text);
    if (!ratio || ratio->denominator != 1) {
        return std::nullopt;
    }
    return negative ? -ratio->numerator : ratio->numerator;
}

std::optional<SimDuration> duration_of(const JsonNode* node) {
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    const auto parsed = parse_duration(*text);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<LatencyDist> dist_of(const JsonNode* node) {
    if (node == nullptr) {
        return std::nullopt;
    }
    if (node->kind == JsonNode::Kind::Object) {
        return dist_from_object(*node);
    }
    const auto value = duration_of(node);
    return value ? std::optional<LatencyDist>(ConstantDist{*value}) : std::nullopt;
}

std::optional<std::int64_t> size_of(const JsonNode* node) {
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    const auto parsed = parse_size(*text);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<SimDuration> signed_duration_of(const JsonNode* node) {
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    const auto parsed = parse_signed_duration(*text);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<Ratio> drift_of(const JsonNode* node) {
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    const auto parsed = parse_drift(*text);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<std::int64_t> bit_rate_of(const JsonNode* node) {
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    const auto parsed = parse_bit_rate(*text);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<Ratio> probability_of(const JsonNode* node) {
    const auto ratio = factor_or_zero(node);
    return ratio && ratio->numerator <= ratio->denominator ? ratio : std::nullopt;
}

std::optional<Ratio> factor_of(const JsonNode* node) {
    const auto ratio = factor_or_zero(node);
    return ratio && ratio->numerator > 0 ? ratio : std::nullopt;
}

std::optional<BrokerId> node_id_of(std::string_view text) {
    std::int32_t id = 0;
    if (text.empty() || !is_digit(text[0]) || (text.size() > 1 && text[0] == '0')) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return BrokerId(id);
}

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= kNameMax && text[0] != '-' &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameMax && text[0] != '.' && text[0] != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
           });
}

}  // namespace bsim
