// Fetch requests of followers and consumers: sessions, reading, and the wait for more bytes.
// Source: ReplicaManager.fetchMessages, Partition.fetchRecords, KafkaApis.handleFetchRequest.

#include <algorithm>
#include <utility>

#include "sim/node/leader_hint.h"
#include "sim/node/must.h"
#include "sim/node/replica_manager.h"

namespace bsim {

using replication::FetchedPartition;
using replication::FetchPart;
using replication::FirstRead;
using replication::Isolation;

namespace {

constexpr std::int16_t kFirstWithLeaderHints = 16;

}  // namespace

// What one partition of a fetch yields.
struct ReplicaManager::ReadOne {
    FetchedPartition result;
    FetchPart part;
    std::int64_t bytes = 0;
    bool diverging = false;
    std::optional<replication::FollowerFetched> fetched;  // to be told to the leader
    Replica* replica = nullptr;                           // if it is here
};

void ReplicaManager::fetch(const RequestRef& request, const wire::FetchRequest& body) {
    ParkedFetch fetch;
    fetch.request = request;
    fetch.context = sessions_.open(process_.now(), body, request.version);
    fetch.max_bytes = std::min(body.max_bytes, config_.fetch_max_bytes);
    const std::int32_t replica =
        request.version >= 15 ? body.replica_state.replica_id : body.replica_id;
    if (replica >= 0) {
        fetch.follower = BrokerId(replica);
        fetch.isolation = Isolation::LogEnd;
        if (body.replica_state.replica_epoch >= 0) {
            fetch.follower_epoch = BrokerEpoch(body.replica_state.replica_epoch);
        }
    } else if (body.isolation_level == 1) {
        fetch.isolation = Isolation::TxnCommitted;
    }
    fetch.only_leader = replica >= 0 || request.version < 11;
    if (fetch.context.error != wire::ErrorCode::None)
        return answer_after_disk(request, fetch_response(fetch, {}));

    FirstRead sum;
    replication::DelayedFetches::Request parked;
    std::vector<FetchedPartition> results = read_all(fetch, true, sum, parked.parts);
    const SimDuration max_wait = milliseconds(body.max_wait_ms);
    parked.id = replication::OperationId(next_operation_++);
    parked.deadline = process_.now() + max_wait;
    parked.isolation = fetch.isolation;
    parked.min_bytes = body.min_bytes;
    if (replication::DelayedFetches::answer_now(sum, max_wait, parked)) {
        return answer_after_disk(request, fetch_response(fetch, std::move(results)));
    }
    const replication::OperationId id = parked.id;
    if (!delayed_fetches_.add(std::move(parked), *this)) {
        FirstRead again;
        std::vector<FetchPart> parts;
        results = read_all(fetch, false, again, parts);
        return answer_after_disk(request, fetch_response(fetch, std::move(results)));
    }
    parked_fetches_.emplace(id, std::move(fetch));
    after_disk([] {});
    fetch_expiry_.set(delayed_fetches_.next_deadline());
}

// `first_read` is false when a parked fetch is answered: the follower's position is taken from its
// request once.
std::vector<FetchedPartition> ReplicaManager::read_all(const ParkedFetch& fetch,
                                                       bool first_read,
                                                       FirstRead& sum,
                                                       std::vector<FetchPart>& parts) {
    std::vector<FetchedPartition> results;
    results.reserve(fetch.context.partitions.size());
    parts.reserve(fetch.context.partitions.size());
    std::int32_t budget = fetch.max_bytes;
    for (const WantedPartition& wanted : fetch.context.partitions) {
        ReadOne read = read_one(fetch, wanted, budget, sum.bytes == 0);
        sum.bytes += read.bytes;
        sum.error = sum.error || read.result.data.error_code != 0;
        sum.diverging = sum.diverging || read.diverging;
        budget = std::max<std::int32_t>(0, budget - static_cast<std::int32_t>(read.bytes));
        if (read.fetched && first_read) {
            replication::LeaderEffects effects;
            const auto error =
                read.replica->leader->follower_fetched(context(), *read.fetched, effects);
            if (error != wire::ErrorCode::None) {
                read.result.data.error_code = static_cast<std::int16_t>(error);
                read.result.data.records = SharedBytes{};
                sum.error = true;
            }
            run(*read.replica, effects);
        }
        results.push_back(std::move(read.result));
        parts.push_back(read.part);
    }
    return results;
}

// Whether this broker may answer for the partition at all. The epoch is compared first, so that who
// is behind is told so also by a broker that does not lead any more.
wire::ErrorCode ReplicaManager::admit_fetch(const ParkedFetch& fetch,
                                            const WantedPartition& wanted,
                                            const Replica* replica) const {
    if (replica == nullptr) {
        const TopicImage* const topic = image_.topic(wanted.tp.topic_id);
        if (topic == nullptr)
            return wire::ErrorCode::UnknownTopicId;
        if (is_offline({topic->name, wanted.tp.partition}))
            return wire::ErrorCode::KafkaStorageError;
        return image_.partition(wanted.tp) == nullptr ? wire::ErrorCode::UnknownTopicOrPartition
                                                      : wire::ErrorCode::NotLeaderOrFollower;
    }
    if (replica->leader && fetch.follower)
        return replica->leader->admit_follower(*fetch.follower, wanted.fetch.current_leader_epoch);
    const wire::ErrorCode error =
        replication::check_leader_epoch(wanted.fetch.current_leader_epoch, replica->leader_epoch);
    if (error != wire::ErrorCode::None || replica->leader || !fetch.only_leader)
        return error;
    return wire::ErrorCode::NotLeaderOrFollower;
}

ReplicaManager::ReadOne ReplicaManager::read_one(const ParkedFetch& fetch,
                                                 const WantedPartition& wanted,
                                                 std::int32_t budget,
                                                 bool min_one) {
    ReadOne out;
    const PartitionFetch& ask = wanted.fetch;
    out.result.tp = wanted.tp;
    auto& data = out.result.data;
    data.partition_index = wanted.tp.partition.value();
    data.records = SharedBytes{};
    out.part.tp = wanted.tp;
    out.part.fetch = {ask.fetch_offset, ask.current_leader_epoch, ask.last_fetched_epoch};
    out.part.max_bytes = ask.max_bytes;
    const auto refuse = [&](wire::ErrorCode error) {
        data.error_code = static_cast<std::int16_t>(error);
        data.high_watermark = -1;
        return out;
    };
    out.replica = find(wanted.tp);
    const wire::ErrorCode admitted = admit_fetch(fetch, wanted, out.replica);
    if (admitted != wire::ErrorCode::None)
        return refuse(admitted);
    const Replica* replica = out.replica;
    const PartitionLog& log = *replica->log;
    std::optional<EpochEnd> end;
    if (ask.last_fetched_epoch)
        end = log.end_offset_for(*ask.last_fetched_epoch);
    const auto verdict = replication::check_fetch(
        out.part.fetch, {replica->leader_epoch, log.log_start_offset(), log.leo(), end});
    if (verdict.error != wire::ErrorCode::None)
        return refuse(verdict.error);
    data.high_watermark = log.high_watermark().value();
    data.last_stable_offset = log.last_stable_offset().value();
    data.log_start_offset = log.log_start_offset().value();
    if (verdict.diverging) {
        out.diverging = true;
        data.diverging_epoch.epoch = verdict.diverging->epoch.value();
        data.diverging_epoch.end_offset = verdict.diverging->end.value();
        return out;
    }
    out.part.start = position_of(*replica, ask.fetch_offset);
    const Offset limit = readable_end(*replica, fetch.isolation);
    const Offset leo = log.leo();
    if (ask.fetch_offset < limit && (budget > 0 || min_one)) {
        ReadSpec spec;
        spec.from = ask.fetch_offset;
        spec.max_bytes = std::min(budget, ask.max_bytes);
        spec.min_one_batch = min_one;
        spec.upper_bound = limit;
        auto read = log.read(spec);
        if (!read.ok()) {
            note_failure(*replica, read.error());
            return refuse(to_error_code(read.error().kind));
        }
        out.bytes = static_cast<std::int64_t>(read->bytes.size());
        data.records = std::move(read->bytes);
    }
    if (fetch.follower) {
        out.fetched = replication::FollowerFetched{*fetch.follower, ask.fetch_offset,
                                                   ask.log_start.value_or(Offset(0)),
                                                   fetch.follower_epoch, leo};
    }
    return out;
}

wire::ResponseBody ReplicaManager::fetch_response(const ParkedFetch& fetch,
                                                  std::vector<FetchedPartition> results) {
    wire::FetchResponse response;
    for (FetchedPartition& result : results) {
        const wire::ErrorCode error = wire::error_code(result.data.error_code);
        const TopicImage* topic = image_.topic(result.tp.topic_id);
        if (topic != nullptr && fetch.request.version >= kFirstWithLeaderHints &&
            (error == wire::ErrorCode::NotLeaderOrFollower ||
             error == wire::ErrorCode::FencedLeaderEpoch)) {
            name_leader(image_, {topic->name, result.tp.partition}, result.data.current_leader,
                        response.node_endpoints);
        }
    }
    sessions_.respond(process_.now(), fetch.context, results, session_draws_.bits(), response);
    return response;
}

void ReplicaManager::complete_fetches(const std::vector<replication::OperationId>& done) {
    for (const replication::OperationId id : done) {
        auto node = parked_fetches_.extract(id);
        if (node.empty())
            continue;
        FirstRead sum;
        std::vector<FetchPart> parts;
        const ParkedFetch& fetch = node.mapped();
        auto answer = std::make_unique<wire::ResponseBody>(
            fetch_response(fetch, read_all(fetch, false, sum, parts)));
        // By whatever thread came to it.
        dirs_.when_done(process_, dirs_.settle(process_.now()),
                        [this, request = fetch.request, held = std::move(answer)] {
                            server_.answer(request, std::move(*held));
                        });
    }
    fetch_expiry_.set(delayed_fetches_.next_deadline());
}

void ReplicaManager::check_fetches(const TopicIdPartition& tp) {
    std::vector<replication::OperationId> done;
    delayed_fetches_.check(tp, *this, done);
    if (!done.empty())
        complete_fetches(done);
}

Offset ReplicaManager::readable_end(const Replica& replica, Isolation isolation) const {
    const Offset hw = replica.log->high_watermark();
    return replication::read_limit(
        isolation, {replica.log->leo(), hw, std::min(hw, replica.log->last_stable_offset())});
}

replication::LogPosition ReplicaManager::position_of(const Replica& replica, Offset offset) const {
    const LogPlace place = must(replica.log->place_of(offset));
    return {offset, place.segment_base, place.position};
}

replication::ReadableNow ReplicaManager::readable(const FetchPart& part,
                                                  Isolation isolation) const {
    replication::ReadableNow now;
    const Replica* replica = find(part.tp);
    if (replica == nullptr) {
        now.error = wire::ErrorCode::UnknownTopicOrPartition;
        return now;
    }
    now.error =
        replication::check_leader_epoch(part.fetch.current_leader_epoch, replica->leader_epoch);
    // Followers are answered by leaders alone.
    const bool only_leader = isolation == Isolation::LogEnd;
    if (now.error == wire::ErrorCode::None && only_leader && !replica->leader)
        now.error = wire::ErrorCode::NotLeaderOrFollower;
    now.end = position_of(*replica, readable_end(*replica, isolation));
    if (part.fetch.last_fetched_epoch)
        now.end_of_last_fetched = replica->log->end_offset_for(*part.fetch.last_fetched_epoch);
    return now;
}

}  // namespace bsim
