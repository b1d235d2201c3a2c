#include "sim/protocol/kraft/log_view.h"

#include <algorithm>

namespace bsim::kraft {

OffsetAndEpoch log_end(const LogView& log) {
    // Elected leaders have epochs from 1 on: 0 is an empty cache.
    if (log.last_epoch() > LeaderEpoch{0})
        return {log.last_epoch(), log.end_offset()};
    const std::optional<OffsetAndEpoch> snapshot = latest_snapshot(log);
    return {snapshot ? snapshot->epoch : LeaderEpoch{0}, log.end_offset()};
}

OffsetAndEpoch epoch_end(const LogView& log, LeaderEpoch epoch) {
    if (log.last_epoch() == LeaderEpoch{0} || epoch > log.last_epoch())
        return log_end(log);
    const OffsetAndEpoch found = log.end_offset_for_epoch(epoch);
    const std::optional<OffsetAndEpoch> first = earliest_snapshot(log);
    // Before the cache's first entry, the epoch is that of the record before it, which only the
    // snapshot at the log's start still knows.
    if (first && found == OffsetAndEpoch{epoch, first->offset})
        return *first;
    return found;
}

std::optional<OffsetAndEpoch> earliest_snapshot(const LogView& log) {
    if (log.snapshots().empty())
        return std::nullopt;
    return log.snapshots().front().id;
}

std::optional<OffsetAndEpoch> latest_snapshot(const LogView& log) {
    if (log.snapshots().empty())
        return std::nullopt;
    return log.snapshots().back().id;
}

const SnapshotInfo* find_snapshot(const LogView& log, const OffsetAndEpoch& id) {
    const auto& all = log.snapshots();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const SnapshotInfo& s) { return s.id == id; });
    return found == all.end() ? nullptr : &*found;
}

ValidatedEnd validate_end(const LogView& log, const OffsetAndEpoch& end) {
    const Offset start = log.start_offset();
    if (start == Offset{} && end.offset == Offset{})
        return {};
    if (const auto first = earliest_snapshot(log);
        first && (end.offset < start || (end.offset == start && end.epoch != first->epoch) ||
                  end.epoch < first->epoch)) {
        return {Standing::Snapshot, *latest_snapshot(log)};
    }
    const OffsetAndEpoch ours = epoch_end(log, end.epoch);
    if (ours.epoch != end.epoch || ours.offset < end.offset)
        return {Standing::Diverging, ours};
    return {};
}

bool must_load_snapshot(const LogView& log, std::optional<Offset> next, Offset hw) {
    if (log.snapshots().empty() || (next && *next >= hw))
        return false;
    return !next || *next < log.start_offset();
}

}  // namespace bsim::kraft
