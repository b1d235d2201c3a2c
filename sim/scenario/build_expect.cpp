#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/scenario/build.h"
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

// Exactly one of the keys that say what is expected.
void check_forms(Build& build, const JsonNode& node) {
    constexpr std::string_view kForms[] = {"check", "always", "never", "eventually", "sequence"};
    const JsonNode* found = nullptr;
    for (const std::string_view form : kForms) {
        const JsonNode* here = node.find(form);
        if (here != nullptr && found != nullptr) {
            build.document.report(
                {"E0112", at_key(*here),
                 fmt::format("\"{}\" and \"{}\" exclude each other", found->key, form)});
        }
        if (found == nullptr) {
            found = here;
        }
    }
    if (found == nullptr) {
        build.document.report(
            {"E0102", at_value(node), "\"check\" is missing", checks_of(build.vocabulary)});
    }
}

void add_expectation(Build& build, const JsonNode& node, std::string id) {
    check_forms(build, node);
    const JsonNode* check = node.find("check");
    if (!text_of(check) || !check_name(build, *check)) {
        return;
    }
    ExpectSpec expect;
    expect.id = std::move(id);
    expect.check = check->text;
    if (text_of(node.find("outcome")) == "violated") {
        expect.outcome = ExpectedOutcome::Violated;
    }
    expect.because = std::string(text_of(node.find("because")).value_or(""));
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
