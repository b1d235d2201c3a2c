#include "sim/report/state_snapshots.h"

#include <fstream>

#include <nlohmann/json.hpp>

#include "sim/report/results_json.h"

namespace bsim {
namespace {

std::string_view state_of(const NodeView& node) {
    return !node.up ? "down" : node.paused ? "paused" : "up";
}

// A number of the object; nullopt if it has none of that name.
std::optional<std::uint64_t> number(const nlohmann::json& line, const char* name) {
    const auto found = line.find(name);
    if (found == line.end() || !found->is_number_unsigned())
        return std::nullopt;
    return found->get<std::uint64_t>();
}

}  // namespace

std::string snapshot_line(const SnapshotMoment& moment, const ClusterView& view) {
    nlohmann::ordered_json json;
    json["t"] = moment.t.ns();
    json["i"] = moment.i.value();
    json["bytes"] = moment.place.bytes;
    json["lines"] = moment.place.lines;
    json["nodes"] = nlohmann::ordered_json::object();
    for (const auto& [name, node] : view.nodes())
        json["nodes"][name.text()] = state_of(node);
    json["partitions"] = partitions_json(view);
    json["groups"] = groups_json(view);
    return json.dump() + '\n';
}

std::optional<TracePlace> last_snapshot(const std::filesystem::path& file, SimTime before) {
    std::ifstream in(file);
    std::optional<TracePlace> place;
    for (std::string text; std::getline(in, text);) {
        const auto line = nlohmann::json::parse(text, nullptr, false);
        if (!line.is_object())
            continue;
        const auto t = number(line, "t");
        const auto bytes = number(line, "bytes");
        const auto lines = number(line, "lines");
        if (!t || !bytes || !lines)
            continue;
        if (*t >= static_cast<std::uint64_t>(before.ns()))
            break;
        place = TracePlace{*bytes, *lines};
    }
    return place;
}

}  // namespace bsim
