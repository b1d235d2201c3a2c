#include "sim/storage/log_loader.h"

#include <algorithm>
#include <limits>

#include "sim/storage/atomic_file.h"
#include "sim/storage/log_files.h"

namespace bsim {
namespace {

// KRaft snapshots marked for deletion are the business of the Raft layer.
constexpr std::string_view kDeletedCheckpoint = ".checkpoint.deleted";

class Loader {
  public:
    Loader(Disk& disk, const LogOpening& opening, LoadedLog& log)
        : disk_(disk), opening_(opening), log_(log) {}

    Stored<Done> load();

  private:
    Stored<Done> finish_swaps();
    Stored<Done> remove_temporary(std::vector<std::string>& swaps);
    Stored<Offset> next_offset_of(const std::string& log_path, Offset base) const;
    Stored<Done> open_segments();
    Stored<Done> recover_unflushed();
    Stored<std::int64_t> recover_segment(LogSegment& segment);
    Stored<Done> delete_segments_from(std::size_t first);
    Stored<Done> settle_end();
    Stored<Done> finish_state();

    std::string path(const std::string& name) const { return join_path(opening_.dir, name); }
    LogSegment::Place place(Offset base) const { return {opening_.dir, base, opening_.now}; }

    Disk& disk_;
    const LogOpening& opening_;
    LoadedLog& log_;
};

Stored<Done> Loader::load() {
    BSIM_TRY_VOID(finish_swaps());
    BSIM_TRY_VOID(open_segments());
    if (!opening_.clean_shutdown)
        BSIM_TRY_VOID(recover_unflushed());
    BSIM_TRY_VOID(settle_end());
    return finish_state();
}

Stored<Done> Loader::remove_temporary(std::vector<std::string>& swaps) {
    BSIM_TRY(const std::vector<std::string> names, disk_.list(opening_.dir));
    std::vector<std::string> cleaned;
    Offset first_cleaned(std::numeric_limits<std::int64_t>::max());
    for (const std::string& name : names) {
        if (name.ends_with(kDeletedSuffix) && !name.ends_with(kDeletedCheckpoint)) {
            BSIM_TRY_VOID(remove_if_exists(disk_, path(name)));
        } else if (name.ends_with(kCleanedSuffix)) {
            cleaned.push_back(name);
            first_cleaned = std::min(first_cleaned, offset_of_file(name).value_or(first_cleaned));
        } else if (name.ends_with(kSwapSuffix) && offset_of_file(name)) {
            swaps.push_back(name);
        }
    }
    // Swaps there are left from a split that was not finished.
    for (const std::string& name : swaps) {
        if (*offset_of_file(name) < first_cleaned)
            continue;
        BSIM_TRY_VOID(remove_if_exists(disk_, path(name)));
    }
    std::erase_if(swaps, [&](const auto& name) { return *offset_of_file(name) >= first_cleaned; });
    for (const std::string& name : cleaned)
        BSIM_TRY_VOID(remove_if_exists(disk_, path(name)));
    return Done{};
}

Stored<Offset> Loader::next_offset_of(const std::string& log_path, Offset base) const {
    BSIM_TRY(const File file, File::open(disk_, log_path, OpenMode::Existing));
    BSIM_TRY(const std::uint64_t size, file.size());
    HeaderScanner scanner(file, 0, static_cast<std::int64_t>(size));
    Offset next = base;
    for (;;) {
        BSIM_TRY(const bool found, scanner.next());
        if (!found)
            return next;
        next = Offset(scanner.header().next_offset());
    }
}

Stored<Done> Loader::finish_swaps() {
    std::vector<std::string> swaps;
    BSIM_TRY_VOID(remove_temporary(swaps));
    if (swaps.empty())
        return Done{};
    Offset from(std::numeric_limits<std::int64_t>::max());
    Offset to;
    const std::string log_swap = std::string(kLogSuffix) + std::string(kSwapSuffix);
    for (const std::string& name : swaps) {
        if (!name.ends_with(log_swap))
            continue;
        const Offset base = *offset_of_file(name);
        from = std::min(from, base);
        BSIM_TRY(const Offset next, next_offset_of(path(name), base));
        to = std::max(to, next);
    }
    BSIM_TRY(const std::vector<std::string> names, disk_.list(opening_.dir));
    for (const std::string& name : names) {
        const auto offset = offset_of_file(name);
        if (name.ends_with(kSwapSuffix) || !offset || *offset < from || *offset >= to)
            continue;
        BSIM_TRY_VOID(remove_if_exists(disk_, path(name)));
    }
    for (const std::string& name : swaps) {
        const std::string final_name = name.substr(0, name.size() - kSwapSuffix.size());
        BSIM_TRY_VOID(disk_.rename(path(name), path(final_name)));
    }
    return Done{};
}

Stored<Done> Loader::open_segments() {
    BSIM_TRY(const std::vector<std::string> names, disk_.list(opening_.dir));
    std::vector<Offset> bases;
    for (const std::string& name : names) {
        if (is_log_file(name, kLogSuffix))
            bases.push_back(*offset_of_file(name));
    }
    for (const std::string& name : names) {
        const bool index = is_log_file(name, kIndexSuffix) || is_log_file(name, kTimeIndexSuffix) ||
                           is_log_file(name, kTxnIndexSuffix);
        if (!index || std::binary_search(bases.begin(), bases.end(), *offset_of_file(name))) {
            continue;
        }
        BSIM_TRY_VOID(remove_if_exists(disk_, path(name)));
    }
    // Segments that recover_unflushed() rebuilds anyway need no look at their indexes.
    Offset first_unflushed(std::numeric_limits<std::int64_t>::max());
    if (!opening_.clean_shutdown && !bases.empty()) {
        auto above = std::upper_bound(bases.begin(), bases.end(), opening_.recovery_point);
        if (above != bases.begin())
            --above;
        first_unflushed = *above;
    }
    for (const Offset base : bases) {
        BSIM_TRY(LogSegment segment, LogSegment::open(disk_, place(base), opening_.config));
        if (base < first_unflushed) {
            const Stored<Done> loaded = segment.load_indexes();
            if (!loaded.ok() && loaded.error().kind != StorageErrorKind::Corrupt) {
                return Err{loaded.error()};
            }
            if (!loaded.ok())
                BSIM_TRY_VOID(recover_segment(segment));
        }
        log_.segments.add(std::move(segment));
    }
    return Done{};
}

Stored<std::int64_t> Loader::recover_segment(LogSegment& segment) {
    BSIM_TRY(
        ProducerStateManager producers,
        ProducerStateManager::open(disk_, opening_.dir, opening_.config.producer_id_expiration_ms));
    BSIM_TRY_VOID(rebuild_producer_state(
        producers, log_.segments,
        {opening_.log_start_offset, segment.base_offset(), opening_.now, false}));
    const auto take = [&](const wire::BatchHeader& header, ByteView batch,
                          std::int64_t) -> Stored<bool> {
        const LeaderEpoch epoch(header.partition_leader_epoch);
        if (epoch >= LeaderEpoch(0) &&
            (log_.epochs.entries().empty() || epoch > log_.epochs.entries().back().epoch)) {
            BSIM_TRY_VOID(log_.epochs.assign(epoch, Offset(header.base_offset)));
        }
        if (const auto completed = replay_batch(producers, header, batch)) {
            if (completed->aborted) {
                BSIM_TRY_VOID(segment.append_aborted(
                    {completed->producer, completed->first_offset, completed->last_offset,
                     producers.last_stable_offset_after(*completed)}));
            }
            producers.complete(*completed);
        }
        producers.set_map_end(Offset(header.next_offset()));
        return true;
    };
    BSIM_TRY(const LogSegment::Recovered recovered, segment.recover(take));
    BSIM_TRY_VOID(producers.take_snapshot(true));
    ++log_.report.segments_recovered;
    log_.report.bytes_recovered += recovered.valid_bytes;
    log_.report.truncated_bytes += recovered.truncated_bytes;
    return recovered.truncated_bytes;
}

Stored<Done> Loader::recover_unflushed() {
    if (log_.segments.empty())
        return Done{};
    std::size_t i = log_.segments.floor(opening_.recovery_point).value_or(0);
    for (; i < log_.segments.size(); ++i) {
        BSIM_TRY(const std::int64_t truncated, recover_segment(log_.segments.at(i)));
        if (truncated == 0)
            continue;
        BSIM_TRY_VOID(delete_segments_from(i + 1));
        BSIM_TRY(log_.report.truncated_to, log_.segments.at(i).read_next_offset());
    }
    return Done{};
}

Stored<Done> Loader::delete_segments_from(std::size_t first) {
    for (const auto& segment : log_.segments.take_from(first)) {
        ++log_.report.segments_deleted;
        BSIM_TRY_VOID(segment->rename_to_deleted(log_.deleted_files));
        BSIM_TRY(const auto snapshot, log_.producers.mark_deleted(segment->base_offset()));
        if (snapshot)
            log_.deleted_files.push_back(*snapshot);
    }
    return Done{};
}

Stored<Done> Loader::settle_end() {
    bool kept = !log_.segments.empty();
    if (kept) {
        BSIM_TRY(log_.leo, log_.segments.active().read_next_offset());
        kept = log_.leo >= opening_.log_start_offset;
    }
    if (!kept) {
        if (!log_.segments.empty()) {
            BSIM_TRY_VOID(delete_segments_from(0));
            BSIM_TRY_VOID(log_.epochs.clear());
            BSIM_TRY_VOID(log_.producers.truncate_fully_and_start_at(opening_.log_start_offset));
        }
        BSIM_TRY(LogSegment segment,
                 LogSegment::create(disk_, place(opening_.log_start_offset), opening_.config));
        log_.segments.add(std::move(segment));
        log_.leo = opening_.log_start_offset;
    }
    const bool trusted = opening_.clean_shutdown && kept;
    log_.recovery_point = trusted ? log_.leo : std::min(opening_.recovery_point, log_.leo);
    return log_.segments.active().resize_indexes_to_max();
}

Stored<Done> Loader::finish_state() {
    BSIM_TRY_VOID(log_.epochs.truncate_from_end(log_.leo));
    BSIM_TRY_VOID(log_.epochs.truncate_from_start(opening_.log_start_offset));
    log_.log_start = std::max(opening_.log_start_offset, log_.segments.at(0).base_offset());
    log_.recovery_point = std::max(log_.recovery_point, log_.log_start);
    BSIM_TRY_VOID(log_.producers.remove_stray_snapshots(log_.segments.bases()));
    BSIM_TRY_VOID(
        rebuild_producer_state(log_.producers, log_.segments,
                               {log_.log_start, log_.leo, opening_.now, opening_.clean_shutdown}));
    log_.report.log_start_offset = log_.log_start;
    log_.report.leo = log_.leo;
    return Done{};
}

}  // namespace

Stored<LoadedLog> load_log(Disk& disk, const LogOpening& opening) {
    BSIM_TRY_VOID(disk.make_dirs(opening.dir));
    BSIM_TRY(LeaderEpochCache epochs, LeaderEpochCache::open(disk, opening.dir));
    BSIM_TRY(
        ProducerStateManager producers,
        ProducerStateManager::open(disk, opening.dir, opening.config.producer_id_expiration_ms));
    LoadedLog log{{}, std::move(epochs), std::move(producers), {}, {}, {}, {}, {}};
    BSIM_TRY_VOID(Loader(disk, opening, log).load());
    return log;
}

}  // namespace bsim
