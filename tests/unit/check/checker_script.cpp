#include "tests/unit/check/checker_script.h"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>
#include <variant>

#include <nlohmann/json.hpp>

#include "sim/check/checker_set.h"
#include "sim/trace/event_text.h"
#include "sim/trace/history_reader.h"

namespace bsim::test {
namespace {

std::optional<SimTime> parse_time(const std::string& text) {
    std::size_t used = 0;
    std::int64_t number = 0;
    try {
        number = std::stoll(text, &used);
    } catch (const std::exception&) {
        return std::nullopt;
    }
    const std::string unit = text.substr(used);
    if (unit == "s")
        return SimTime(number * 1'000'000'000);
    if (unit == "ms")
        return SimTime(number * 1'000'000);
    if (unit == "ns")
        return SimTime(number);
    return std::nullopt;
}

// k=v to a JSON value: numbers, booleans and arrays as they are, anything else is a string.
nlohmann::json value_of(const std::string& text) {
    auto value = nlohmann::json::parse(text, nullptr, false);
    return value.is_discarded() ? nlohmann::json(text) : value;
}

class Script {
  public:
    std::string take(const std::string& line) {
        std::istringstream words(line);
        std::string first;
        if (!(words >> first) || first[0] == '#')
            return "";
        if (first[0] == '{') {
            steps_.emplace_back(line);
            return "";
        }
        if (first == "settings")
            return take_settings(words);
        const bool is_end = first == "end";
        if (is_end)
            words >> first;
        const auto t = parse_time(first);
        if (!t)
            return "no time: " + first;
        end_ = *t;
        return is_end ? "" : take_event(words, *t);
    }

    std::string outcome(const std::string& check) const {
        CheckerSet set(settings_);
        std::stringstream lines;
        HistoryReader history(lines, set);
        std::string text;
        SimTime end = end_;
        for (const auto& step : steps_) {
            if (const auto* event = std::get_if<Event>(&step)) {
                set.on(*event);
                continue;
            }
            lines.clear();
            lines << std::get<std::string>(step) << '\n';
            const auto read = history.next();
            if (!read) {
                text += "no history: " + read.error().what + '\n';
            } else if (*read) {
                end = std::max(end, **read);
            }
        }
        set.finish({end, EventNumber(events_)});
        for (const CheckResult& result : set.results()) {
            if (result.name != check)
                continue;
            for (const Finding& finding : result.violations) {
                text += fmt::format("violation i={}: {}\n", finding.i.value(), finding.detail);
            }
            for (const Finding& finding : result.permitted) {
                text += fmt::format("permitted i={}: {}\n", finding.i.value(), finding.detail);
            }
            if (text.empty())
                text = result.evaluations == 0 ? "not evaluated\n" : "holds\n";
        }
        return text;
    }

  private:
    std::string take_settings(std::istringstream& words) {
        for (std::string word; words >> word;) {
            const std::size_t eq = word.find('=');
            const std::string name = word.substr(0, eq);
            const std::string value = eq == std::string::npos ? "" : word.substr(eq + 1);
            if (name == "settle" && parse_time(value)) {
                settings_.settle_ns = *parse_time(value) - SimTime();
            } else if (name == "replica_lag" && parse_time(value)) {
                settings_.replica_lag = *parse_time(value) - SimTime();
            } else if (name == "min_isr") {
                settings_.default_min_isr = std::stoi(value);
            } else if (name == "unclean") {
                settings_.default_unclean_elections = value == "true";
            } else if (name == "compacted") {
                settings_.compacted.insert(value);
            } else if (name == "rack") {  // rack=1:a
                const std::size_t colon = value.find(':');
                settings_.racks[BrokerId(std::stoi(value))] = value.substr(colon + 1);
            } else if (!take_quorum(name, value) && !take_topics(name, value)) {
                return "unknown setting " + word;
            }
        }
        return "";
    }

    bool take_quorum(const std::string& name, const std::string& value) {
        if (name == "voters") {
            for (const int voter : nlohmann::json::parse(value))
                settings_.voters.emplace_back(voter);
        } else if (name == "persist_vote") {
            settings_.persist_vote = value != "off";
        } else if (name == "commit_own_epoch_only") {
            settings_.commit_own_epoch_only = value != "off";
        } else {
            return false;
        }
        return true;
    }

    bool take_topics(const std::string& name, const std::string& value) {
        if (name == "retention_ms") {
            settings_.default_retention.ms = std::stoll(value);
        } else if (name == "retention_bytes") {
            settings_.default_retention.bytes = std::stoll(value);
        } else if (name == "cleanup_policy") {
            settings_.default_retention.deletes = value == "delete";
        } else if (name == "one_in_flight") {
            settings_.one_in_flight.insert(value);
        } else {
            return false;
        }
        return true;
    }

    std::string take_event(std::istringstream& words, SimTime t) {
        nlohmann::ordered_json line;
        std::string node;
        std::string kind;
        words >> node >> kind;
        line["i"] = ++events_;
        line["t"] = t.ns();
        line["n"] = node;
        line["k"] = kind;
        line["a"] = nlohmann::json::object();
        for (std::string word; words >> word;) {
            const std::size_t eq = word.find('=');
            if (eq == std::string::npos)
                return "no attribute: " + word;
            line["a"][word.substr(0, eq)] = value_of(word.substr(eq + 1));
        }
        auto event = parse_event(line.dump(), Attributes::Defaulted);
        if (!event)
            return event.error();
        steps_.emplace_back(*event);
        return "";
    }

    CheckSettings settings_;
    std::vector<std::variant<Event, std::string>> steps_;
    std::uint64_t events_ = 0;
    SimTime end_;
};

}  // namespace

ScriptOutcome run_checker_script(const std::string& check, const std::string& text) {
    Script script;
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const std::string error = script.take(line);
        if (!error.empty())
            return {fmt::format("line {}: {}", number, error), ""};
    }
    return {"", script.outcome(check)};
}

}  // namespace bsim::test
