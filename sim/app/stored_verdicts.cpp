#include "sim/app/stored_verdicts.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <nlohmann/json.hpp>

namespace bsim {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::optional<CheckFinding> finding_of(const Json& check, const char* key, bool permitted) {
    const auto found = check.find(key);
    if (found == check.end() || !found->is_object())
        return std::nullopt;
    CheckFinding out;
    out.check = check.value("name", "");
    out.detail = found->value("detail", "");
    out.i = EventNumber(found->value("i", std::uint64_t{0}));
    out.t = SimTime(found->value("t", std::int64_t{0}));
    out.permitted = permitted;
    return out;
}

StoredCheck check_of(const Json& json) {
    StoredCheck out;
    out.name = json.value("name", "");
    out.evaluations = json.value("evaluations", std::uint64_t{0});
    out.first = finding_of(json, "first", false);
    if (!out.first)
        out.first = finding_of(json, "first_permitted", true);
    return out;
}

// The events by which expectations were decided.
std::map<std::string, EventNumber> deciding_events(const fs::path& file) {
    std::map<std::string, EventNumber> out;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const Json json = Json::parse(line, nullptr, false);
        if (!json.is_object() || !json.contains("a") || !json["a"].is_object())
            continue;
        const Json& a = json["a"];
        if (a.contains("id") && a.contains("i"))
            out[a.value("id", "")] = EventNumber(a.value("i", std::uint64_t{0}));
    }
    return out;
}

}  // namespace

const StoredExpectation* StoredVerdicts::expectation(const std::string& id) const {
    const auto found = std::find_if(expectations.begin(), expectations.end(),
                                    [&](const auto& one) { return one.id == id; });
    return found == expectations.end() ? nullptr : &*found;
}

const StoredCheck* StoredVerdicts::check(const std::string& name) const {
    const auto found = std::find_if(checks.begin(), checks.end(),
                                    [&](const auto& one) { return one.name == name; });
    return found == checks.end() ? nullptr : &*found;
}

Result<StoredVerdicts, std::string> read_verdicts(const std::string& directory) {
    const fs::path file = fs::path(directory) / "results.json";
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in)
        return Err{file.string() + ": cannot be read; a run that was cut short has none"};
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("verdict"))
        return Err{file.string() + ": is no outcome of a run"};
    try {
        StoredVerdicts out;
        out.verdict = json.value("verdict", "");
        const auto decided = deciding_events(fs::path(directory) / "verdicts.jsonl");
        for (const Json& one : json.value("expectations", Json::array())) {
            StoredExpectation expectation{one.value("id", ""),
                                          one.value("outcome", ""),
                                          one.value("detail", ""),
                                          SimTime(one.value("at_ns", std::int64_t{0})),
                                          {}};
            if (const auto at = decided.find(expectation.id); at != decided.end())
                expectation.i = at->second;
            out.expectations.push_back(std::move(expectation));
        }
        for (const Json& one : json.value("checks", Json::array()))
            out.checks.push_back(check_of(one));
        return out;
    } catch (const Json::exception&) {
        return Err{file.string() + ": is no outcome of a run"};
    }
}

}  // namespace bsim
