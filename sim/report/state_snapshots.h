#pragma once
// snapshots.jsonl, with `record.snapshot_every`: the state of the cluster every so often, and where
// in trace.jsonl the story goes on from there. A reader that wants a late part of a long trace can
// begin at the snapshot before it; a person sees how things stood without any tool.
//
//   {"t":5000000001,"i":4894,"bytes":812345,"lines":2917,
//    "nodes":{"broker-1":"up"},"partitions":[...],"groups":[...]}
//
// The state is that after event `i`; the first `lines` lines of trace.jsonl, which take `bytes`
// bytes, tell of the events up to it. Nodes are up, paused or down; partitions and groups are as in
// results.json. Snapshots touch neither the numbers of events nor the run's hash.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "sim/base/time.h"
#include "sim/check/cluster_view.h"

namespace bsim {

struct TracePlace {
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;
    bool operator==(const TracePlace&) const = default;
};

struct SnapshotMoment {
    SimTime t;
    EventNumber i;
    TracePlace place;
};

// One line, line feed included.
std::string snapshot_line(const SnapshotMoment& moment, const ClusterView& view);

// The place of the last snapshot earlier than `before` in the file; nullopt if there is none, or no
// such file. Lines that are none are passed over.
std::optional<TracePlace> last_snapshot(const std::filesystem::path& file, SimTime before);

}  // namespace bsim
