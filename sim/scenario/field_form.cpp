#include "sim/scenario/field_form.h"

#include <fmt/format.h>
#include <vector>

#include "sim/scenario/dist_kinds.h"
#include "sim/scenario/fault_kinds.h"
#include "sim/scenario/features.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/selector_text.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr std::string_view kOthers = " (others are not built yet)";

std::string range_text(const Field& field) {
    if (field.min == field.max) {
        return fmt::format("{}", field.min);
    }
    if (field.max == std::numeric_limits<std::int64_t>::max()) {
        return fmt::format("a whole number, at least {}", field.min);
    }
    return fmt::format("a whole number from {} to {}", field.min, field.max);
}

std::string words_of(const Field& field, const Vocabulary& vocabulary) {
    std::string words(field.words);
    bool others = !field.unbuilt_words.empty();
    for (const std::string_view word : split_words(field.feature_words)) {
        if (has_feature(vocabulary, feature_name(field, word))) {
            words += fmt::format(" {}", word);
        } else {
            others = true;
        }
    }
    return with_commas(words) + std::string(others ? kOthers : "");
}

std::string dist_names() {
    std::string out;
    for (const DistKind& kind : all_dist_kinds()) {
        if (kind.built) {
            out += (out.empty() ? "" : ", ") + std::string(kind.name);
        }
    }
    return out + std::string(kOthers);
}

std::string fault_names(const Vocabulary& vocabulary) {
    std::vector<std::string_view> names;
    for (const FaultKind& kind : all_fault_kinds()) {
        if (kind.described && has_feature(vocabulary, fault_feature(kind.name))) {
            names.push_back(kind.name);
        }
    }
    std::string list = short_list(names, "fault");
    return list.ends_with(")") ? list : list + std::string(kOthers);
}

std::string quantity_form(const Field& field) {
    switch (field.kind) {
        case FieldKind::SignedDuration:
            return fmt::format("{}, with or without a minus", kDurationForm);
        case FieldKind::Drift:
            return std::string(kDriftForm);
        case FieldKind::Dist:
            return fmt::format("{}; or {{\"dist\": ...}}", kDurationForm);
        case FieldKind::Size:
            return std::string(kSizeForm);
        case FieldKind::Rate:
            return std::string(kRateForm);
        case FieldKind::BitRate:
            return std::string(kBitRateForm);
        default:
            return std::string(kDurationForm);
    }
}

std::string object_form(const Field& field) {
    switch (field.kind) {
        case FieldKind::Assignment:
            return "an object such as {\"0\": [1, 2, 3]}";
        case FieldKind::List:
        case FieldKind::Texts:
        case FieldKind::Values:
        case FieldKind::Objects:
            return "an array";
        case FieldKind::ReplicaLists:
            return "an array of brokers, or of such arrays";
        default:
            return "an object";
    }
}

}  // namespace

std::string with_commas(std::string_view words) {
    return fmt::format("{}", fmt::join(split_words(words), ", "));
}

std::string short_list(std::span<const std::string_view> words, std::string_view name) {
    constexpr std::size_t kMany = 12;
    constexpr std::size_t kShown = 3;
    if (words.size() <= kMany) {
        return fmt::format("{}", fmt::join(words, ", "));
    }
    return fmt::format("{}, … (brokersim schema --enum {})", fmt::join(words.first(kShown), ", "),
                       name);
}

std::string quoted_choice(std::span<const std::string_view> words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        out += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
        out += fmt::format("\"{}\"", words[i]);
    }
    return out;
}

std::string form_of(const Field& field, const Vocabulary& vocabulary) {
    switch (field.kind) {
        case FieldKind::Text:
            return "a string";
        case FieldKind::Id:
            return fmt::format(
                "lower-case letters, digits and dashes, {} at most, beginning with a letter or "
                "digit",
                kNameMax);
        case FieldKind::Boolean:
            return "true or false";
        case FieldKind::Integer:
            return range_text(field);
        case FieldKind::Integers:
            return fmt::format("an array, each element {}", range_text(field));
        case FieldKind::IntegerOrIntegers:
            return fmt::format("{}, or an array of them", range_text(field));
        case FieldKind::Probability:
            return "a number from 0 to 1";
        case FieldKind::Loss:
            return "a number from 0 to 1; or {\"good_to_bad\": ..., \"bad_to_good\": ...}";
        case FieldKind::Factor:
            return "a number more than 0, with 18 digits at most";
        case FieldKind::Word:
            return words_of(field, vocabulary);
        case FieldKind::DistName:
            return dist_names();
        case FieldKind::FaultName:
            return fault_names(vocabulary);
        case FieldKind::OneSelector:
        case FieldKind::Selectors:
            return std::string(kSelectorForm);
        case FieldKind::Expression:
            return "an expression, such as \"isr(orders-0) < 3\"";
        case FieldKind::Duration:
        case FieldKind::DurationOrZero:
        case FieldKind::SignedDuration:
        case FieldKind::Drift:
        case FieldKind::Dist:
        case FieldKind::Size:
        case FieldKind::Rate:
        case FieldKind::BitRate:
            return quantity_form(field);
        default:
            return object_form(field);
    }
}

}  // namespace bsim
