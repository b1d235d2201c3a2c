#include "sim/storage/partition_log.h"

#include <algorithm>

#include "sim/storage/log_files.h"
#include "sim/storage/node_files.h"

namespace bsim {
namespace {

// Writes the topic id of a new directory, checks that of an old one.
Stored<std::optional<Uuid>> settle_topic_id(Disk& disk, const LogOpening& opening) {
    const std::string path = join_path(opening.dir, kPartitionMetadata);
    BSIM_TRY(const bool present, disk.exists(path));
    if (!present) {
        if (opening.topic_id) {
            BSIM_TRY_VOID(write_partition_metadata(disk, opening.dir, *opening.topic_id));
        }
        return opening.topic_id;
    }
    BSIM_TRY(const Uuid stored, read_partition_metadata(disk, opening.dir));
    if (opening.topic_id && *opening.topic_id != stored) {
        return Err{StorageError{StorageErrorKind::Corrupt, path,
                                "belongs to topic id " + stored.to_string()}};
    }
    return std::optional<Uuid>(stored);
}

}  // namespace

Stored<PartitionLog> PartitionLog::open(Disk& disk, const LogOpening& opening) {
    BSIM_TRY(LoadedLog loaded, load_log(disk, opening));
    LogOpening settled = opening;
    BSIM_TRY(settled.topic_id, settle_topic_id(disk, opening));
    return PartitionLog(disk, settled, std::move(loaded));
}

PartitionLog::PartitionLog(Disk& disk, const LogOpening& opening, LoadedLog loaded)
    : disk_(&disk),
      dir_(opening.dir),
      config_(opening.config),
      topic_id_(opening.topic_id),
      segments_(std::move(loaded.segments)),
      epochs_(std::move(loaded.epochs)),
      producers_(std::move(loaded.producers)),
      recovery_(loaded.report),
      log_start_(loaded.log_start),
      leo_(loaded.leo),
      hw_(loaded.log_start),
      recovery_point_(loaded.recovery_point),
      deleted_files_(std::move(loaded.deleted_files)) {}

Offset PartitionLog::last_stable_offset() const {
    const auto unstable = producers_.first_unstable_offset();
    if (!unstable)
        return hw_;
    return std::min(std::max(*unstable, log_start_), hw_);
}

std::int64_t PartitionLog::size_bytes() const {
    return segments_.size_bytes();
}

Offset PartitionLog::set_high_watermark(Offset hw) {
    hw_ = std::clamp(hw, log_start_, std::max(log_start_, leo_));
    producers_.on_high_watermark(hw_);
    return hw_;
}

void PartitionLog::update_hw_with_leo() {
    if (hw_ >= leo_)
        set_high_watermark(leo_);
}

void PartitionLog::set_leo(Offset leo) {
    leo_ = leo;
    recovery_point_ = std::min(recovery_point_, leo);
}

Stored<bool> PartitionLog::increment_log_start_offset(Offset start) {
    if (start > hw_) {
        return Err{StorageError{StorageErrorKind::OffsetOutOfRange, dir_,
                                "log start offset above the high watermark"}};
    }
    if (start <= log_start_)
        return false;
    log_start_ = start;
    recovery_point_ = std::max(recovery_point_, start);
    BSIM_TRY_VOID(epochs_.truncate_from_start(start));
    producers_.on_log_start_incremented(start);
    return true;
}

Stored<Done> PartitionLog::delete_segments_from(std::size_t first) {
    return delete_files(segments_.take_from(first));
}

Stored<Done> PartitionLog::delete_files(const std::vector<std::unique_ptr<LogSegment>>& segments) {
    for (const auto& segment : segments) {
        BSIM_TRY_VOID(segment->rename_to_deleted(deleted_files_));
        BSIM_TRY(auto snapshot, producers_.mark_deleted(segment->base_offset()));
        if (snapshot)
            deleted_files_.push_back(std::move(*snapshot));
    }
    return Done{};
}

Stored<TruncateInfo> PartitionLog::truncate_to(Offset offset, WallMs now) {
    BSIM_CHECK(offset >= Offset(0));
    TruncateInfo info{false, leo_, leo_, 0};
    if (offset >= leo_) {
        // A leader that appended nothing may still have left its epoch at the end.
        BSIM_TRY_VOID(epochs_.truncate_from_end(leo_));
        return info;
    }
    if (segments_.at(0).base_offset() > offset)
        return truncate_fully_and_start_at(offset, now);
    const std::int64_t before = size_bytes();
    const std::size_t last = *segments_.floor(offset);
    BSIM_TRY_VOID(delete_segments_from(last + 1));
    BSIM_TRY_VOID(segments_.active().truncate_to(offset, now));
    set_leo(offset);
    BSIM_TRY_VOID(epochs_.truncate_from_end(offset));
    log_start_ = std::min(log_start_, offset);
    BSIM_TRY_VOID(rebuild_producer_state(producers_, segments_, {log_start_, offset, now, false}));
    update_hw_with_leo();
    info.truncated = true;
    info.to = leo_;
    info.bytes_removed = before - size_bytes();
    return info;
}

Stored<TruncateInfo> PartitionLog::truncate_fully_and_start_at(Offset offset, WallMs now) {
    TruncateInfo info{true, leo_, offset, size_bytes()};
    BSIM_TRY_VOID(delete_segments_from(0));
    BSIM_TRY(LogSegment segment, LogSegment::create(*disk_, {dir_, offset, now}, config_));
    segments_.add(std::move(segment));
    set_leo(offset);
    BSIM_TRY_VOID(epochs_.clear());
    BSIM_TRY_VOID(producers_.truncate_fully_and_start_at(offset));
    log_start_ = offset;
    BSIM_TRY_VOID(rebuild_producer_state(producers_, segments_, {log_start_, offset, now, false}));
    set_high_watermark(leo_);
    return info;
}

Stored<LogSegment*> PartitionLog::roll_at(Offset expected, WallMs now) {
    const Offset base = std::max(expected, leo_);
    if (segments_.active().base_offset() == base) {
        // An empty segment whose index has no room is replaced by a new one.
        BSIM_CHECK(segments_.active().size() == 0);
        const auto replaced = segments_.take_from(segments_.size() - 1);
        BSIM_TRY_VOID(replaced.front()->rename_to_deleted(deleted_files_));
    } else {
        BSIM_TRY_VOID(segments_.active().on_become_inactive());
    }
    BSIM_TRY(LogSegment created, LogSegment::create(*disk_, {dir_, base, now}, config_));
    LogSegment& segment = segments_.add(std::move(created));
    producers_.set_map_end(base);
    BSIM_TRY(const auto snapshot, producers_.take_snapshot(false));
    if (snapshot)
        unsynced_snapshots_.push_back(*snapshot);
    update_hw_with_leo();
    return &segment;
}

Stored<Offset> PartitionLog::roll(WallMs now) {
    if (segments_.active().size() > 0)
        BSIM_TRY_VOID(roll_at(leo_, now));
    return segments_.active().base_offset();
}

Stored<Done> PartitionLog::flush(Offset flush_to, Offset new_recovery_point) {
    while (!unsynced_snapshots_.empty() && unsynced_snapshots_.front() <= flush_to) {
        BSIM_TRY_VOID(producers_.sync_snapshot(unsynced_snapshots_.front()));
        unsynced_snapshots_.erase(unsynced_snapshots_.begin());
    }
    if (flush_to <= recovery_point_)
        return Done{};
    bool new_segment = false;
    std::size_t i = segments_.floor(recovery_point_).value_or(0);
    for (; i < segments_.size() && segments_.at(i).base_offset() < flush_to; ++i) {
        BSIM_TRY_VOID(segments_.at(i).flush());
        new_segment = new_segment || segments_.at(i).base_offset() >= recovery_point_;
    }
    if (new_segment)
        BSIM_TRY_VOID(disk_->sync_dir(dir_));
    recovery_point_ = std::max(recovery_point_, new_recovery_point);
    return Done{};
}

Stored<Done> PartitionLog::flush_up_to(Offset offset) {
    return flush(offset, offset);
}

Stored<Done> PartitionLog::flush_all() {
    return flush(leo_ + 1, leo_);
}

Stored<Done> PartitionLog::close(const LogClose& how) {
    if (how.flush)
        BSIM_TRY_VOID(flush_all());
    BSIM_TRY_VOID(producers_.take_snapshot(true));
    for (std::size_t i = 0; i < segments_.size(); ++i)
        BSIM_TRY_VOID(segments_.at(i).close());
    return Done{};
}

Stored<Done> PartitionLog::assign_epoch(LeaderEpoch epoch, Offset start) {
    return epochs_.assign(epoch, start);
}

std::optional<EpochEnd> PartitionLog::end_offset_for(LeaderEpoch epoch) const {
    return epochs_.end_offset_for(epoch, leo_);
}

void PartitionLog::expire_producers(WallMs now) {
    producers_.expire(now);
}

std::vector<std::string> PartitionLog::take_deleted_files() {
    return std::exchange(deleted_files_, {});
}

}  // namespace bsim
