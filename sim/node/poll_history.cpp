#include "sim/node/poll_history.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "sim/node/record_content.h"

namespace bsim {

void PollHistory::called(SimTime now) {
    if (std::exchange(open_, true))
        return;
    if (!process_)
        process_ = processes_.take();
    write(now, OpType::Invoke, std::span<const SeenRecord>());
}

void PollHistory::returned(SimTime now, const client::RecordsReady& ready) {
    std::vector<SeenRecord> records;
    std::deque<std::string> made;
    for (const client::PartitionRecords& partition : ready.partitions) {
        for (const client::ConsumedRecord& record : partition.records) {
            const ByteView value = record.value ? ByteView(*record.value) : ByteView();
            records.push_back({partition.partition, record.offset, value_text(value, made)});
        }
    }
    // The position may have passed what the application does not see.
    if (records.empty())
        return;
    open_ = false;
    write(now, OpType::Ok, records);
}

void PollHistory::threw(SimTime now) {
    open_ = false;
    write(now, OpType::Fail, std::span<const SeenRecord>());
}

void PollHistory::commit_begun(SimTime now, const client::CommitBegun& begun) {
    Commit commit;
    // A consumer in commitSync() is in no other call.
    commit.own_process = begun.kind != client::CommitKind::Sync || open_ || !process_;
    commit.process = commit.own_process ? processes_.take() : *process_;
    for (const auto& [partition, position] : begun.offsets)
        commit.offsets.push_back({partition, position.offset});
    write(now, OpType::Invoke, commit);
    commits_[begun.id] = std::move(commit);
}

void PollHistory::commit_ended(SimTime now, const client::CommitEnded& ended) {
    const auto node = commits_.extract(ended.id);
    if (node.empty())
        return;
    const Commit& commit = node.mapped();
    const OpType type = ended.error.empty()     ? OpType::Ok
                        : ended.may_be_in_force ? OpType::Info
                                                : OpType::Fail;
    write(now, type, commit);
    if (type == OpType::Info) {
        // Whoever has that number never uses it again.
        if (!commit.own_process) {
            process_ = processes_.take();
            introduced_ = false;
        }
    } else if (commit.own_process) {
        processes_.give_back(commit.process);
    }
}

void PollHistory::ended(SimTime now) {
    for (const auto& [id, commit] : std::exchange(commits_, {})) {
        write(now, OpType::Info, commit);
        if (!commit.own_process)
            process_.reset();
    }
    if (std::exchange(open_, false)) {
        write(now, OpType::Info, std::span<const SeenRecord>());
    } else if (process_) {
        processes_.give_back(*process_);
    }
    process_.reset();
    introduced_ = false;
    begins_ = true;
    owned_.clear();
    moves_.clear();
}

void PollHistory::owns(const std::vector<TopicPartition>& owned) {
    std::vector<TopicPartition> changed;
    std::set_symmetric_difference(owned_.begin(), owned_.end(), owned.begin(), owned.end(),
                                  std::back_inserter(changed));
    for (TopicPartition& p : changed)
        moves_.push_back({std::move(p), std::nullopt});
    owned_ = owned;
}

void PollHistory::write(SimTime now, OpType type, const Commit& commit) {
    sink_.commit({commit.process, type, now, commit.offsets});
}

void PollHistory::write(SimTime now, OpType type, std::span<const SeenRecord> records) {
    ClientNote note;
    if (type == OpType::Invoke) {
        if (!std::exchange(introduced_, true))
            note.client = consumer_.text();
        note.begins = std::exchange(begins_, false);
        sink_.poll({*process_, type, now, records, note});
        return;
    }
    note.moved = moves_;
    sink_.poll({*process_, type, now, records, note});
    moves_.clear();
}

}  // namespace bsim
