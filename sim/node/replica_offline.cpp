// A log directory that fails: the broker goes on without it, unless it holds the metadata log or is
// the last one. Source: LogDirFailureChannel, ReplicaManager.handleLogDirFailure,
// LogManager.handleLogDirFailure.
// DEVIATION: a directory that fails while a log is made in it, loaded from it or deleted ends the
// broker, too.

#include <utility>

#include "sim/node/must.h"
#include "sim/node/replica_manager.h"

namespace bsim {

// Another thread takes the directory out of service; who met the error only reports it.
void ReplicaManager::dir_failed(std::size_t dir, const StorageError& error) {
    if (error.kind != StorageErrorKind::NoSpace)
        must(Stored<Done>(Err{error}));
    if (!failed_dirs_.insert(dir).second)
        return;
    process_.after(SimDuration(0), [this, dir, why = error] { take_offline(dir, why); });
}

// What an append or a read met: unless it is the disk's, it concerns the request alone.
void ReplicaManager::note_failure(const Replica& replica, const StorageError& error) {
    if (error.is_disk_failure())
        dir_failed(replica.log_dir, error);
}

void ReplicaManager::take_offline(std::size_t dir, const StorageError& why) {
    if (dir == 0 || failed_dirs_.size() == dirs_.size())
        must(Stored<Done>(Err{why}));
    process_.emit(LogDirFailed{dirs_.name(dir), why.to_string()});
    dirs_.fail(dir);
    std::vector<TopicIdPartition> gone;
    for (const auto& [tp, replica] : replicas_) {
        if (replica->log_dir == dir)
            gone.push_back(tp);
    }
    for (const TopicIdPartition& tp : gone) {
        stop_following(tp);
        const std::unique_ptr<Replica> stopped = take_out(tp);
        offline_[stopped->tp] = tp;
        check_produces(tp);
        check_fetches(tp);
    }
    drop_idle_fetchers();
    dir_failed_(dirs_.id(dir));
}

}  // namespace bsim
