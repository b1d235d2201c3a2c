#include "sim/check/group_readers.h"

#include <algorithm>
#include <iterator>

#include "sim/check/offsets_topic_loss.h"

namespace bsim {

namespace {

// Of a group that never commits, as many are remembered.
constexpr std::size_t kMaxEnds = 4096;

// Of the offsets that nobody was handed, those that hold a batch in some log. Where no log is known
// all of them do.
std::optional<GroupReaders::Gap> in_a_log(const PartitionView* partition, GroupReaders::Gap gap) {
    bool known = false;
    if (partition != nullptr) {
        for (const auto& [broker, replica] : partition->by_broker) {
            const auto& batches = replica.log.batches();
            const std::size_t i = replica.log.index_at(gap.from);
            known = known || replica.log.end() >= gap.to;
            if (i < batches.size() && batches[i].base < gap.to)
                return GroupReaders::Gap{std::max(gap.from, batches[i].base),
                                         std::min(gap.to, batches[i].last + 1)};
        }
    }
    if (known)
        return std::nullopt;
    return gap;
}

}  // namespace

GroupReaders::Start GroupReaders::start_of(const std::string& name,
                                           const TopicPartition& p,
                                           const ClusterView& view) const {
    Start start{name, std::nullopt, EventNumber(), Offset(), false};
    const GroupSnapshot* const group = view.groups().group(name);
    if (group == nullptr || !group->offsets.contains(p))
        return start;
    start.committed = group->offsets.at(p);
    start.highest = *start.committed;
    const auto loaded = loaded_.find(name);
    const auto committed = committed_.find({name, p});
    const Told told = committed == committed_.end() ? Told{} : committed->second;
    start.told = told.by_coordinator;
    start.untold = loaded != loaded_.end() && loaded->second > told.at;
    return start;
}

void GroupReaders::committed(const Event& event,
                             const OffsetCommitted& e,
                             const ClusterView& view) {
    committed_[{e.group, e.p}] = {event.i, told_when(event, e.group, view)};
    const auto ends = ends_.find({e.group, e.p});
    if (ends != ends_.end())
        ends->second.erase(ends->second.begin(), ends->second.lower_bound(e.offset));
    for (auto& [node, reader] : readers_) {
        const auto start = reader.starts.find(e.p);
        if (start != reader.starts.end() && start->second.group == e.group)
            start->second.highest = std::max(start->second.highest, e.offset);
    }
}

void GroupReaders::loaded(const Event& event, const std::string& group) {
    loaded_[group] = event.i;
    for (auto& [node, reader] : readers_) {
        for (auto& [p, start] : reader.starts)
            start.untold = start.untold || start.group == group;
    }
}

std::vector<TopicPartition> GroupReaders::changed(const NodeName& node,
                                                  const AssignmentChanged& e,
                                                  const ClusterView& view) {
    Reader& reader = readers_[node];
    const std::set<TopicPartition> now(e.owned.begin(), e.owned.end());
    std::vector<TopicPartition> moved;
    std::set_symmetric_difference(reader.owned.begin(), reader.owned.end(), now.begin(), now.end(),
                                  std::back_inserter(moved));
    for (const TopicPartition& p : moved) {
        reader.starts.erase(p);
        if (!now.contains(p))
            continue;
        reader.starts[p] = start_of(e.group, p, view);
    }
    reader.group = e.group;
    reader.owned = now;
    return moved;
}

void GroupReaders::recreated(const TopicPartition& p) {
    std::erase_if(handed_, [&](const auto& entry) { return entry.first.second == p; });
    std::erase_if(ends_, [&](const auto& entry) { return entry.first.second == p; });
}

const std::string* GroupReaders::group_of(const NodeName& node, const TopicPartition& p) const {
    const auto reader = readers_.find(node);
    const bool holds = reader != readers_.end() && reader->second.owned.contains(p);
    return holds ? &reader->second.group : nullptr;
}

std::optional<GroupReaders::Start> GroupReaders::begin(const NodeName& node,
                                                       const TopicPartition& p) {
    const auto reader = readers_.find(node);
    if (reader == readers_.end())
        return std::nullopt;
    const auto found = reader->second.starts.find(p);
    if (found == reader->second.starts.end())
        return std::nullopt;
    Start start = std::move(found->second);
    reader->second.starts.erase(found);
    return start;
}

void GroupReaders::handed(const std::string& group, const TopicPartition& p, Gap offsets) {
    if (offsets.from >= offsets.to)
        return;
    if (const auto ends = ends_.find({group, p}); ends != ends_.end())
        ends->second.erase(ends->second.upper_bound(offsets.from),
                           ends->second.upper_bound(offsets.to));
    Ranges& ranges = handed_[{group, p}];
    auto next = ranges.upper_bound(offsets.from);
    if (next != ranges.begin() && std::prev(next)->second >= offsets.from) {
        --next;
        offsets.from = next->first;
    }
    while (next != ranges.end() && next->first <= offsets.to) {
        offsets.to = std::max(offsets.to, next->second);
        next = ranges.erase(next);
    }
    ranges[offsets.from] = offsets.to;
}

void GroupReaders::handed_records(const std::string& group,
                                  const TopicPartition& p,
                                  Gap offsets,
                                  Epochs epochs) {
    auto& ends = ends_[{group, p}];
    std::vector<Offset> within;
    if (epochs.first == epochs.last) {
        for (auto end = ends.upper_bound(offsets.from);
             end != ends.end() && end->first < offsets.to; ++end)
            within.push_back(end->first);
    }
    handed(group, p, offsets);
    if (epochs.last < LeaderEpoch(0))
        return;
    for (const Offset end : within)
        ends[end] = epochs.last;
    ends[offsets.to] = epochs.last;
    if (ends.size() > kMaxEnds)
        ends.erase(ends.begin());
}

std::optional<LeaderEpoch> GroupReaders::epoch_before(const std::string& group,
                                                      const TopicPartition& p,
                                                      Offset offset) const {
    const auto ends = ends_.find({group, p});
    if (ends == ends_.end())
        return std::nullopt;
    const auto end = ends->second.find(offset);
    return end == ends->second.end() ? std::nullopt : std::optional(end->second);
}

std::optional<Offset> GroupReaders::first_handed(const std::string& group,
                                                 const TopicPartition& p) const {
    const auto ranges = handed_.find({group, p});
    if (ranges == handed_.end() || ranges->second.empty())
        return std::nullopt;
    return ranges->second.begin()->first;
}

std::optional<GroupReaders::Gap> GroupReaders::missed(const std::string& group,
                                                      const TopicPartition& p,
                                                      Gap offsets,
                                                      const ClusterView& view) const {
    static const Ranges kNothing;
    const auto found = handed_.find({group, p});
    const Ranges& ranges = found == handed_.end() ? kNothing : found->second;
    Offset at = offsets.from;
    auto range = ranges.upper_bound(at);
    if (range != ranges.begin())
        --range;
    while (at < offsets.to) {
        while (range != ranges.end() && range->second <= at)
            ++range;
        const bool inside = range != ranges.end() && range->first <= at;
        const Offset next =
            inside ? range->second
                   : (range == ranges.end() ? offsets.to : std::min(range->first, offsets.to));
        if (!inside) {
            const auto gap = in_a_log(view.partition(p), {at, next});
            if (gap)
                return gap;
        }
        at = next;
    }
    return std::nullopt;
}

}  // namespace bsim
