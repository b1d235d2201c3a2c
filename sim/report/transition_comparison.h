#pragma once
// `brokersim compare`: the changes that a recording has of a partition of a real cluster, against
// those of a stored run, step by step.
//
// Changes are compared in order: leader, leader epoch, partition epoch, ISR in the controller's
// order. Members that join the ISR one after another within one step, under one leader and epoch,
// are a race in a real cluster: such a row of changes is compared as a whole, the ISR as a set. If
// the recording begins with other epochs than the run, epochs are compared as differences from the
// beginning; if it begins with the ISR in another order, ISRs are compared as sets.
// A step of which the recording holds only the state at its end has happened when the run, after
// whatever changes, is in that state.

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/trace/event.h"
#include "sim/trace/reader.h"

namespace bsim {

struct RecordedState {
    std::optional<BrokerId> leader;
    LeaderEpoch leader_epoch;
    std::optional<PartitionEpoch> partition_epoch;  // not every recording knows it
    std::vector<BrokerId> isr;

    bool operator==(const RecordedState&) const = default;
};

struct RecordedStep {
    std::string name;                    // "kill 1"
    std::vector<RecordedState> changes;  // all there were, if there are any
    std::optional<RecordedState> after;  // when the step was over
};

// "orders-0"; nullopt if it is none.
std::optional<TopicPartition> parse_recorded_partition(std::string_view text);

// Of one partition.
struct RecordedStory {
    std::string name;
    std::string mode;  // kraft or zk
    TopicPartition p;
    RecordedState initial;
    std::vector<RecordedStep> steps;
};

struct RunChange {
    EventNumber i;
    SimTime t;
    RecordedState state;
};
struct RunChanges {
    bool exists = false;  // the partition, at the beginning
    RunChange initial;
    std::vector<RunChange> changes;
};
// Those of the partition; `from` is when the story begins, the partition's creation without it.
Result<RunChanges, TraceError> read_changes(std::istream& trace,
                                            const TopicPartition& p,
                                            std::optional<SimTime> from);
// The partitions that the run's controllers made, sorted.
Result<std::vector<TopicPartition>, TraceError> read_partitions(std::istream& trace);

struct ComparedRow {
    std::string step;
    std::string recorded;         // empty: the run goes on where the recording has ended
    std::string run;              // empty: the run has no more changes
    std::optional<RunChange> at;  // of the run
    std::string difference;       // empty: the same
};
struct StoryComparison {
    std::string story;
    TopicPartition p;
    std::vector<ComparedRow> rows;
    std::vector<std::string> notes;

    bool same() const;
    const ComparedRow* first_difference() const;
};
StoryComparison compare_story(const RecordedStory& story, const RunChanges& run);

std::string comparison_text(const std::vector<StoryComparison>& comparisons);
std::string comparison_json(const std::vector<StoryComparison>& comparisons);

}  // namespace bsim
