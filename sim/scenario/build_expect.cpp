#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/expression_compare.h"
#include "sim/scenario/name_check.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

// Checks that the format names; which of them this program has, the vocabulary says.
constexpr std::array<std::string_view, 15> kFormatChecks = {
    "acked-records-durable",   "no-duplicates",           "per-partition-order",
    "single-leader-per-epoch", "committed-prefix",        "hw-monotonic",
    "epochs-monotonic",        "replicas-converge",       "segments-readable",
    "offsets-monotonic",       "one-owner-per-partition", "txn-atomic",
    "read-committed",          "no-produce-errors",       "liveness"};

std::string checks_of(const Vocabulary& vocabulary) {
    std::string out;
    for (const std::string& check : vocabulary.checks) {
        out += (out.empty() ? "" : ", ") + check;
    }
    return out;
}

bool check_name(Build& build, const JsonNode& node) {
    const auto& known = build.vocabulary.checks;
    if (std::find(known.begin(), known.end(), node.text) != known.end()) {
        return true;
    }
    if (std::find(kFormatChecks.begin(), kFormatChecks.end(), node.text) != kFormatChecks.end()) {
        build.document.report({"E0900", at_value(node),
                               fmt::format("check \"{}\" is part of the scenario format but not "
                                           "built yet",
                                           node.text),
                               checks_of(build.vocabulary)});
        return false;
    }
    std::vector<std::string_view> names(known.begin(), known.end());
    names.insert(names.end(), kFormatChecks.begin(), kFormatChecks.end());
    build.document.report({"E0210", at_value(node), fmt::format("unknown check \"{}\"", node.text),
                           checks_of(build.vocabulary),
                           std::string(nearest(node.text, names).value_or(""))});
    return false;
}

// The key that says what is expected; empty if there is none.
std::string_view form_of(const JsonNode& node) {
    for (const std::string_view form : {"check", "always", "never", "eventually", "sequence"}) {
        if (node.find(form) != nullptr) {
            return form;
        }
    }
    return {};
}

std::optional<ExpectStart> start_of(Build& build, const JsonNode& node) {
    ExpectStart start;
    const auto from = duration_of(node.find("from"));
    start.from = SimTime(from.value_or(SimDuration{}).ns());
    const JsonNode* after = node.find("after");
    if (after == nullptr) {
        return start;
    }
    auto moment = build_fault_moment(build, after, {});
    if (!moment) {
        return std::nullopt;
    }
    start.fault = std::move(moment->fault);
    start.end = moment->end;
    return start;
}

std::optional<SimTime> end_of(Build& build, const JsonNode& node, const ExpectStart& start) {
    const JsonNode* to = node.find("to");
    const auto time = duration_of(to);
    if (!time) {
        return std::nullopt;
    }
    if (time->ns() <= start.from.ns()) {
        build.document.report({"E0211", at_value(*to), "the expectation ends before it begins"});
    }
    return SimTime(time->ns());
}

// One of the values of `is`: of the expression's type, naming what exists.
std::optional<ExpressionValue> value_of(Build& build,
                                        const JsonNode& element,
                                        const Expression& expression) {
    const ExpressionType type = type_of(expression.root);
    const bool null = element.kind == JsonNode::Kind::Null;
    const std::string_view text = null ? "none" : std::string_view(element.text);
    auto value = parse_value(text, type);
    if (!value) {
        build.document.report(
            {"E0404",
             at_value(element),
             fmt::format("\"{}\" is not {}, as \"{}\" is", null ? "null" : element.text,
                         name_of(type), expression.text),
             {},
             operand_meant(text, type)});
        return std::nullopt;
    }
    if (auto* names = std::get_if<NodeNames>(&*value); names != nullptr && !names->empty()) {
        NameCheck check(build, element);
        check.node(*names, {0, element.text.size()});
        if (!check.ok()) {
            return std::nullopt;
        }
    }
    return value;
}

std::optional<std::vector<ExpressionValue>> values_of(Build& build,
                                                      const JsonNode& list,
                                                      const Expression& expression) {
    std::vector<ExpressionValue> out;
    constexpr std::size_t kJudged = 1'000;  // of very many values, the first
    bool ok = list.kind == JsonNode::Kind::Array;
    const ExpressionFacts facts = facts_of(build);
    for (const JsonNode& element : list.children) {
        const bool scalar =
            element.kind != JsonNode::Kind::Array && element.kind != JsonNode::Kind::Object;
        auto value = scalar ? value_of(build, element, expression) : std::nullopt;
        if (!value) {
            ok = false;
            continue;
        }
        if (out.size() < kJudged && !can_be(facts, expression, *value)) {
            ok = false;
            build.document.report(
                {"E0221", at_value(element),
                 fmt::format("\"{}\" can never be {}", expression.text,
                             element.text.empty() ? to_string(*value) : element.text)});
        }
        if (!out.empty() && compare(CompareOp::Equal, out.back(), *value) == true) {
            ok = false;
            build.document.report({"E0221", at_value(element),
                                   fmt::format("{} cannot follow itself: a sequence is without "
                                               "repeats",
                                               element.text)});
        }
        out.push_back(std::move(*value));
    }
    return ok ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<ExpectForm> timed_form(Build& build, const JsonNode& node, std::string_view form) {
    const bool sequence = form == "sequence";
    auto expression =
        build_expression(build, node.find(form),
                         sequence ? ExpressionWanted::AnyValue : ExpressionWanted::Condition);
    auto start = start_of(build, node);
    if (!expression || !start) {
        return std::nullopt;
    }
    if (form == "eventually") {
        const auto within = duration_of(node.find("within"));
        return within ? std::optional<ExpectForm>(
                            EventuallyExpect{std::move(*expression), std::move(*start), *within})
                      : std::nullopt;
    }
    const auto to = end_of(build, node, *start);
    if (!sequence) {
        return AlwaysExpect{std::move(*expression), form == "never", std::move(*start), to};
    }
    const JsonNode* is = node.find("is");
    auto values = is == nullptr ? std::nullopt : values_of(build, *is, *expression);
    return values ? std::optional<ExpectForm>(SequenceExpect{
                        std::move(*expression), std::move(*values), std::move(*start), to})
                  : std::nullopt;
}

void add_expectation(Build& build, const JsonNode& node, std::string id) {
    const std::string_view form = form_of(node);
    if (form.empty()) {
        return;
    }
    ExpectSpec expect;
    expect.id = std::move(id);
    if (text_of(node.find("outcome")) == "violated") {
        expect.outcome = ExpectedOutcome::Violated;
    }
    expect.because = std::string(text_of(node.find("because")).value_or(""));
    if (form == "check") {
        const JsonNode* check = node.find("check");
        if (!text_of(check) || !check_name(build, *check)) {
            return;
        }
        expect.form = CheckExpect{check->text};
    } else {
        auto timed = timed_form(build, node, form);
        if (!timed) {
            return;
        }
        expect.form = std::move(*timed);
    }
    build.out.expect.push_back(std::move(expect));
}

}  // namespace

void build_expect(Build& build) {
    const JsonNode* list = member(&build.root, "expect");
    if (list == nullptr || list->kind != JsonNode::Kind::Array) {
        return;
    }
    std::set<std::string, std::less<>> ids;
    for (const JsonNode& node : list->children) {
        const JsonNode* id = member(&node, "id");
        const auto text = text_of(id);
        if (text && !ids.insert(std::string(*text)).second) {
            build.document.report({"E0201", at_value(*id),
                                   fmt::format("two expectations have the id \"{}\"", *text)});
        }
    }
    int number = 0;
    for (const JsonNode& node : list->children) {
        ++number;
        if (node.kind != JsonNode::Kind::Object) {
            continue;
        }
        std::string id;
        if (const auto given = text_of(node.find("id"))) {
            id = std::string(*given);
        } else {
            id = fmt::format("expect-{}", number);
            while (!ids.insert(id).second) {
                id += "-x";
            }
        }
        add_expectation(build, node, std::move(id));
    }
}

}  // namespace bsim
