#pragma once
// What the settings permit to be lost. One rule for all checkers:
//   - an unclean election, where the topic permits one, voids what was written in epochs before it;
//   - as many lossy crashes as min.insync.replicas (at most the replication factor) void what
//     each of those replicas lost. A crash is lossy if power failed, or the disk was wiped; what
//     a replica had on disk already is not excused by a failure of power.

#include <string>

#include "sim/check/checker.h"

namespace bsim {

// Why `batch` may be gone, in words, or empty. `since` is the newest epoch whose leader is known to
// have held it: unclean elections up to that one did not take it.
std::string excuse_for_loss(const CheckSettings& settings,
                            const TopicPartition& p,
                            const PartitionView& partition,
                            const LoggedBatch& batch,
                            LeaderEpoch since);

// The same of the record at that offset, if no more is known of it than that.
std::string excuse_for_loss_at(const CheckSettings& settings,
                               const TopicPartition& p,
                               const PartitionView& partition,
                               Offset offset);

// Has there been an unclean election, permitted to the topic, after the epoch?
bool unclean_after(const CheckSettings& settings,
                   const TopicPartition& p,
                   const PartitionView& partition,
                   LeaderEpoch epoch);

}  // namespace bsim
