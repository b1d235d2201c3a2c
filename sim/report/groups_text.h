#pragma once
// `brokersim groups`: consumer groups as kafka-consumer-groups.sh would have shown them at a moment
// of a stored run, to the byte but for a line feed at the end: columns, order of rows, words.
//
// What the real tool has from the group's coordinator and from the partitions' leaders is here what
// the events told (trace/group_fold.h, check/cluster_view.h), also while a coordinator is down and
// the real tool would wait and give up. HOST is the name of the member's client, for that is its
// host's name; the coordinator is shown as its node and Kafka's port 9092.
// The real tool's warnings go to stderr, its tables to stdout; a SaidText says which.
// Source: ConsumerGroupCommand, GroupMetadata.summary.

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/check/cluster_view.h"
#include "sim/trace/reader.h"

namespace bsim {

struct SaidText {
    bool talk = false;  // belongs on stderr
    std::string text;

    bool operator==(const SaidText&) const = default;
};
using Said = std::vector<SaidText>;  // in order; neighbours are of different kinds

// The state after all events up to `at`, that moment included; without it, at the end.
Result<Done, TraceError> read_cluster(std::istream& trace,
                                      std::optional<SimTime> at,
                                      ClusterView& view);

// The groups, in the order of the real tool's `--list`, with their states if asked for.
std::string list_groups(const ClusterView& view, bool with_state);

enum class GroupTable { Offsets, Members, State };
struct GroupsShown {
    std::vector<std::string> groups;  // sorted; each exists in the view
    GroupTable table = GroupTable::Offsets;
    bool verbose = false;  // members with their partitions
};
Said describe_groups(const ClusterView& view, const GroupsShown& query);

}  // namespace bsim
