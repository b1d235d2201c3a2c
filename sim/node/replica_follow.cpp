// Following leaders: one fetcher per source broker and fetcher id.
// Source: ReplicaFetcherManager, ReplicaFetcherThread, RemoteLeaderEndPoint.

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/base/overloaded.h"
#include "sim/node/must.h"
#include "sim/node/replica_manager.h"
#include "sim/node/request_costs.h"
#include "sim/wire/record_batch.h"

namespace bsim {
namespace {

replication::AppendFailure append_failure(const StorageError& error) {
    if (error.is_disk_failure())
        return replication::AppendFailure::Storage;
    if (error.kind == StorageErrorKind::CorruptMessage)
        return replication::AppendFailure::Corrupt;
    return replication::AppendFailure::Unexpected;
}

std::int64_t record_bytes(const wire::ResponseBody& answer) {
    std::int64_t sum = 0;
    for (const auto& topic : std::get<wire::FetchResponse>(answer).responses) {
        for (const auto& partition : topic.partitions) {
            if (partition.records)
                sum += static_cast<std::int64_t>(partition.records->size());
        }
    }
    return sum;
}

// Where the records start, if that lies below the one offset at which an empty log starts and ends,
// and they reach it.
std::optional<Offset> first_offset_below_empty_log(const PartitionLog& log,
                                                   const SharedBytes& records) {
    if (log.leo() != log.log_start_offset())
        return std::nullopt;
    std::optional<Offset> first;
    std::optional<Offset> last;
    wire::BatchReader reader(records.view());
    wire::BatchView batch;
    while (reader.next(batch)) {
        if (!first)
            first = Offset(batch.header.base_offset);
        last = Offset(batch.header.last_offset());
    }
    const bool over = first && *first < log.leo() && *last >= log.leo();
    return over ? first : std::nullopt;
}

}  // namespace

replication::FollowerLog ReplicaManager::follower_log(const Replica& replica) const {
    return {replica.log->log_start_offset(), replica.log->high_watermark(), replica.log->leo(),
            replica.log->latest_epoch()};
}

void ReplicaManager::start_following(Replica& replica, BrokerId leader) {
    const FetcherKey key{leader, replication::fetcher_id(replica.tp.topic, replica.tp.partition,
                                                         config_.num_replica_fetchers)};
    auto it = fetchers_.find(key);
    if (it == fetchers_.end()) {
        replication::FetcherConfig config;
        config.self = self_;
        config.max_wait = config_.replica_fetch_wait_max;
        config.min_bytes = config_.replica_fetch_min_bytes;
        config.response_max_bytes = config_.replica_fetch_response_max_bytes;
        config.partition_max_bytes = config_.replica_fetch_max_bytes;
        config.backoff = config_.replica_fetch_backoff;
        auto client = std::make_unique<RpcClient>(process_,
                                                  "broker-" + std::to_string(self_.value()) +
                                                      "-fetcher-" + std::to_string(key.id.value()),
                                                  ConnectionSetup::of(config_));
        auto alarm = std::make_unique<Alarm>(process_, [this, key] { pump(key); });
        it = fetchers_
                 .emplace(key, std::make_unique<FetcherShell>(
                                   FetcherShell{replication::Fetcher(config), std::move(client),
                                                std::move(alarm), next_fetcher_++}))
                 .first;
    }
    followed_[replica.id] = key;
    replication::FetcherEffects effects;
    it->second->fetcher.add(replica.id, replica.tp.topic,
                            {replica.leader_epoch, follower_log(replica), truncation_}, effects);
    run(key, effects);
    it->second->alarm->arm(process_.now());
}

void ReplicaManager::stop_following(const TopicIdPartition& tp) {
    const auto it = followed_.find(tp);
    if (it == followed_.end())
        return;
    const auto shell = fetchers_.find(it->second);
    if (shell != fetchers_.end())
        shell->second->fetcher.remove(tp);
    followed_.erase(it);
}

// A fetcher without partitions ends, and with it its connection.
void ReplicaManager::drop_idle_fetchers() {
    for (auto it = fetchers_.begin(); it != fetchers_.end();)
        it = it->second->fetcher.empty() ? fetchers_.erase(it) : it + 1;
}

void ReplicaManager::pump(const FetcherKey& key) {
    const auto it = fetchers_.find(key);
    if (it == fetchers_.end())
        return;
    FetcherShell& shell = *it->second;
    if (shell.busy)
        return;
    replication::NextFetch next = shell.fetcher.next_fetch(process_.now(), own_epoch_());
    if (const auto* idle = std::get_if<replication::IdleUntil>(&next)) {
        return shell.alarm->arm(idle->until);
    }
    auto* request = std::get_if<wire::FetchRequest>(&next);
    if (request == nullptr)
        return;
    shell.client->send(address_of_(key.leader), std::move(*request), config_.replica_socket_timeout,
                       [this, key](RpcClient::Answer answer) { fetched(key, std::move(answer)); });
}

void ReplicaManager::fetched(const FetcherKey& key, RpcClient::Answer answer) {
    const auto it = fetchers_.find(key);
    if (it == fetchers_.end())
        return;
    FetcherShell& shell = *it->second;
    shell.busy = true;
    const SimDuration cost = replica_fetch_cost(answer.ok() ? record_bytes(*answer) : 0);
    process_.after(process_.cpu().wake_busy_thread() + process_.cpu().work(cost),
                   [this, key, serial = shell.serial, taken = std::move(answer)] {
                       if (find(key, serial) != nullptr)
                           take_answer(key, taken);
                   });
}

void ReplicaManager::take_answer(const FetcherKey& key, const RpcClient::Answer& answer) {
    FetcherShell& shell = *fetchers_.at(key);
    if (!answer.ok()) {
        shell.fetcher.fetch_failed(process_.now());
    } else {
        replication::FetcherEffects effects;
        shell.fetcher.fetch_answered(process_.now(), std::get<wire::FetchResponse>(*answer),
                                     effects);
        run(key, effects);
    }
    pump_after_disk(key);
}

// The fetcher's thread is busy until its writes are through.
void ReplicaManager::pump_after_disk(const FetcherKey& key) {
    const DiskTickets tickets = settle_disks();
    FetcherShell& shell = *fetchers_.at(key);
    shell.busy = true;
    dirs_.when_done(process_, tickets, [this, key, serial = shell.serial] {
        FetcherShell* free = find(key, serial);
        if (free == nullptr)
            return;
        free->busy = false;
        free->alarm->arm(process_.now());
    });
}

ReplicaManager::FetcherShell* ReplicaManager::find(const FetcherKey& key, std::uint64_t serial) {
    const auto it = fetchers_.find(key);
    return it == fetchers_.end() || it->second->serial != serial ? nullptr : it->second.get();
}

void ReplicaManager::run(const FetcherKey& key, replication::FetcherEffects& effects) {
    // Each outcome that is reported may ask for more.
    for (std::size_t i = 0; i < effects.size(); ++i) {
        const replication::FetcherEffect effect = effects[i];
        Replica* replica = find(effect.tp);
        BSIM_CHECK(replica != nullptr);
        run_follower(key, *replica, effect.what, effects);
    }
}

void ReplicaManager::run_follower(const FetcherKey& key,
                                  Replica& replica,
                                  const replication::FollowerEffect& effect,
                                  replication::FetcherEffects& more) {
    FetcherShell& shell = *fetchers_.at(key);
    std::visit(
        Overloaded{
            [&](const replication::AppendFetched& e) {
                append_fetched(shell, replica, e.records, more);
            },
            [&](const replication::FindEpochEnd& e) {
                shell.fetcher.epoch_end_found(replica.id, replica.log->end_offset_for(e.epoch),
                                              more);
            },
            [&](const replication::TruncateTo& e) {
                truncate(replica, e.offset);
                shell.fetcher.truncated(replica.id, follower_log(replica));
            },
            [&](const replication::TruncateFullyAndStartAt& e) {
                start_over(replica, e.offset);
                shell.fetcher.truncated(replica.id, follower_log(replica));
            },
            [&](const replication::SetHw& e) {
                set_hw(replica, e.hw);
                check_fetches(replica.id);
            },
            [&](const replication::RaiseLogStart& e) {
                if (must(replica.log->increment_log_start_offset(e.offset))) {
                    process_.emit(LogStartAdvanced{replica.tp, e.offset, "leader's log start"});
                }
            },
            [&](const replication::AskLeaderOffset& e) { ask_leader(key, replica.id, e); },
            [&](const replication::StopFetching&) { followed_.erase(replica.id); }},
        effect);
}

void ReplicaManager::append_fetched(FetcherShell& shell,
                                    Replica& replica,
                                    const SharedBytes& records,
                                    replication::FetcherEffects& more) {
    auto appended = replica.log->append_as_follower(records, process_.wall_now());
    // The leader's log may start inside a batch, which is then sent whole: a log that is still
    // empty goes back to where the batch starts.
    const auto first = first_offset_below_empty_log(*replica.log, records);
    if (!appended.ok() && appended.error().kind == StorageErrorKind::UnexpectedAppendOffset &&
        first) {
        start_over(replica, *first);
        appended = replica.log->append_as_follower(records, process_.wall_now());
    }
    if (!appended.ok()) {
        note_failure(replica, appended.error());
        shell.fetcher.append_failed(process_.now(), replica.id, append_failure(appended.error()),
                                    more);
        return;
    }
    if (appended->batches > 0)
        note_appended(replica, records, *appended);
    shell.fetcher.appended(replica.id, follower_log(replica), more);
}

void ReplicaManager::ask_leader(const FetcherKey& key,
                                const TopicIdPartition& tp,
                                const replication::AskLeaderOffset& ask) {
    FetcherShell& shell = *fetchers_.at(key);
    shell.client->send(
        address_of_(key.leader), shell.fetcher.list_offsets(tp, ask),
        config_.replica_socket_timeout, [this, key, tp](RpcClient::Answer answer) {
            const auto it = fetchers_.find(key);
            if (it == fetchers_.end())
                return;
            replication::FetcherEffects effects;
            wire::ErrorCode error = wire::ErrorCode::NetworkException;
            std::int64_t offset = -1;
            if (answer.ok()) {
                const auto& topics = std::get<wire::ListOffsetsResponse>(*answer).topics;
                BSIM_CHECK(topics.size() == 1 && topics[0].partitions.size() == 1);
                error = static_cast<wire::ErrorCode>(topics[0].partitions[0].error_code);
                offset = topics[0].partitions[0].offset;
            }
            if (error == wire::ErrorCode::None) {
                it->second->fetcher.leader_edge_found(tp, Offset(offset), effects);
            } else {
                it->second->fetcher.leader_edge_refused(process_.now(), tp, error, effects);
            }
            run(key, effects);
            pump_after_disk(key);
        });
}

}  // namespace bsim
