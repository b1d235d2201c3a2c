#include "sim/storage/producer_state_manager.h"

#include <algorithm>

#include "sim/storage/atomic_file.h"
#include "sim/storage/log_files.h"

namespace bsim {

Stored<ProducerStateManager> ProducerStateManager::open(Disk& disk,
                                                        const std::string& dir,
                                                        std::int64_t expiration_ms) {
    ProducerStateManager manager(disk, dir, expiration_ms);
    BSIM_TRY_VOID(manager.reload_snapshot_list());
    return manager;
}

Stored<Done> ProducerStateManager::reload_snapshot_list() {
    BSIM_TRY(const std::vector<std::string> names, disk_->list(dir_));
    snapshots_.clear();
    for (const std::string& name : names) {
        if (is_log_file(name, kProducerSnapshotSuffix))
            snapshots_.push_back(*offset_of_file(name));
    }
    std::sort(snapshots_.begin(), snapshots_.end());
    return Done{};
}

std::string ProducerStateManager::snapshot_path(Offset offset) const {
    return join_path(dir_, log_file_name(offset, kProducerSnapshotSuffix));
}

const ProducerEntry* ProducerStateManager::find(ProducerId producer) const {
    const auto found = producers_.find(producer);
    return found == producers_.end() ? nullptr : &found->second;
}

ProducerAppend ProducerStateManager::prepare(ProducerId producer, AppendOrigin origin) const {
    const ProducerEntry* entry = find(producer);
    return ProducerAppend(producer, entry != nullptr ? *entry : ProducerEntry{}, origin);
}

void ProducerStateManager::update(const ProducerAppend& append) {
    producers_[append.producer()].merge(append.updated());
    for (const StartedTxn& txn : append.started()) {
        ongoing_.insert_or_assign(txn.first_offset, Txn{txn.producer, {}});
    }
}

void ProducerStateManager::complete(const CompletedTxn& txn) {
    const auto found = ongoing_.find(txn.first_offset);
    if (found == ongoing_.end())
        return;
    unreplicated_.insert_or_assign(txn.first_offset, Txn{txn.producer, txn.last_offset});
    ongoing_.erase(found);
}

Offset ProducerStateManager::last_stable_offset_after(const CompletedTxn& txn) const {
    for (const auto& [first, open] : ongoing_) {
        if (open.producer != txn.producer)
            return first;
    }
    return txn.last_offset + 1;
}

std::optional<Offset> ProducerStateManager::first_unstable_offset() const {
    std::optional<Offset> first;
    if (!unreplicated_.empty())
        first = unreplicated_.begin()->first;
    if (!ongoing_.empty() && (!first || ongoing_.begin()->first < *first)) {
        first = ongoing_.begin()->first;
    }
    return first;
}

void ProducerStateManager::forget_unreplicated_below(Offset offset) {
    std::erase_if(unreplicated_, [&](const auto& item) {
        return item.second.last_offset && *item.second.last_offset < offset;
    });
}

void ProducerStateManager::on_high_watermark(Offset hw) {
    if (!unreplicated_.empty())
        forget_unreplicated_below(hw);
}

void ProducerStateManager::on_log_start_incremented(Offset log_start) {
    forget_unreplicated_below(log_start);
    map_end_ = std::max(map_end_, log_start);
    last_snapshot_end_ = latest_snapshot().value_or(log_start);
}

Stored<std::optional<Offset>> ProducerStateManager::take_snapshot(bool sync) {
    if (map_end_ <= last_snapshot_end_)
        return std::optional<Offset>();
    const std::vector<std::uint8_t> bytes = encode_producer_snapshot(producers_);
    BSIM_TRY(const File file, File::open(*disk_, snapshot_path(map_end_), OpenMode::Truncate));
    BSIM_TRY_VOID(file.write(0, bytes));
    if (sync)
        BSIM_TRY_VOID(file.sync());
    const auto at = std::lower_bound(snapshots_.begin(), snapshots_.end(), map_end_);
    if (at == snapshots_.end() || *at != map_end_)
        snapshots_.insert(at, map_end_);
    last_snapshot_end_ = map_end_;
    return std::optional<Offset>(map_end_);
}

Stored<Done> ProducerStateManager::sync_snapshot(Offset offset) {
    auto file = File::open(*disk_, snapshot_path(offset), OpenMode::Existing);
    if (!file.ok()) {
        // It may have been removed by a truncation meanwhile.
        if (file.error().kind == StorageErrorKind::NotFound)
            return Done{};
        return Err{file.error()};
    }
    return file->sync();
}

std::optional<Offset> ProducerStateManager::latest_snapshot() const {
    if (snapshots_.empty())
        return {};
    return snapshots_.back();
}

Stored<Done> ProducerStateManager::remove_snapshot(Offset offset) {
    std::erase(snapshots_, offset);
    return remove_if_exists(*disk_, snapshot_path(offset));
}

bool ProducerStateManager::is_expired(const ProducerEntry& entry, WallMs now) const {
    return !entry.txn_first_offset && now.value() - entry.last_timestamp.value() >= expiration_ms_;
}

void ProducerStateManager::expire(WallMs now) {
    std::erase_if(producers_, [&](const auto& item) { return is_expired(item.second, now); });
}

Stored<Done> ProducerStateManager::load_latest(Offset log_start, WallMs now) {
    while (const auto latest = latest_snapshot()) {
        BSIM_TRY(const std::string content, read_file(*disk_, snapshot_path(*latest)));
        auto loaded = decode_producer_snapshot(as_bytes(content));
        if (!loaded) {
            BSIM_TRY_VOID(remove_snapshot(*latest));
            continue;
        }
        for (const auto& [producer, entry] : *loaded) {
            if (is_expired(entry, now))
                continue;
            producers_.insert_or_assign(producer, entry);
            if (entry.txn_first_offset)
                ongoing_[*entry.txn_first_offset] = Txn{producer, {}};
        }
        last_snapshot_end_ = *latest;
        map_end_ = *latest;
        return Done{};
    }
    last_snapshot_end_ = log_start;
    map_end_ = log_start;
    return Done{};
}

Stored<Done> ProducerStateManager::truncate_and_reload(Offset log_start,
                                                       Offset log_end,
                                                       WallMs now) {
    const std::vector<Offset> all = snapshots_;
    for (const Offset offset : all) {
        if (offset > log_end || offset <= log_start)
            BSIM_TRY_VOID(remove_snapshot(offset));
    }
    if (log_end == map_end_) {
        on_log_start_incremented(log_start);
        return Done{};
    }
    producers_.clear();
    ongoing_.clear();
    unreplicated_.clear();
    return load_latest(log_start, now);
}

Stored<Done> ProducerStateManager::truncate_fully_and_start_at(Offset offset) {
    producers_.clear();
    ongoing_.clear();
    unreplicated_.clear();
    const std::vector<Offset> all = snapshots_;
    for (const Offset snapshot : all)
        BSIM_TRY_VOID(remove_snapshot(snapshot));
    last_snapshot_end_ = Offset(0);
    map_end_ = offset;
    return Done{};
}

Stored<Done> ProducerStateManager::remove_stray_snapshots(
    const std::vector<Offset>& segment_bases) {
    BSIM_TRY_VOID(reload_snapshot_list());
    std::vector<Offset> stray;
    for (const Offset offset : snapshots_) {
        if (!std::binary_search(segment_bases.begin(), segment_bases.end(), offset)) {
            stray.push_back(offset);
        }
    }
    // A snapshot behind the last base is what a clean shutdown left, worth keeping.
    if (!stray.empty() && (segment_bases.empty() || stray.back() > segment_bases.back())) {
        stray.pop_back();
    }
    for (const Offset offset : stray)
        BSIM_TRY_VOID(remove_snapshot(offset));
    return Done{};
}

Stored<std::optional<std::string>> ProducerStateManager::mark_deleted(Offset snapshot) {
    const auto found = std::find(snapshots_.begin(), snapshots_.end(), snapshot);
    if (found == snapshots_.end())
        return std::optional<std::string>();
    snapshots_.erase(found);
    const std::string path = snapshot_path(snapshot);
    std::string deleted = path + std::string(kDeletedSuffix);
    auto renamed = disk_->rename(path, deleted);
    if (renamed.ok())
        return std::optional<std::string>(std::move(deleted));
    if (renamed.error().kind != StorageErrorKind::NotFound)
        return Err{renamed.error()};
    return std::optional<std::string>();
}

}  // namespace bsim
