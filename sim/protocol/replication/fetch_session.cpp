#include "sim/protocol/replication/fetch_session.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::replication {

using wire::ErrorCode;

namespace {

constexpr std::int32_t kNoSession = 0;
constexpr std::int32_t kFinalEpoch = -1;

template <class Id>
std::optional<Id> id_or_none(typename Id::rep value) {
    return value < 0 ? std::nullopt : std::optional(Id(value));
}

PartitionFetch from_wire(const wire::FetchRequest::FetchPartition& part) {
    PartitionFetch fetch;
    fetch.fetch_offset = Offset(part.fetch_offset);
    if (part.log_start_offset >= 0)
        fetch.log_start = Offset(part.log_start_offset);
    fetch.max_bytes = part.partition_max_bytes;
    fetch.current_leader_epoch = id_or_none<LeaderEpoch>(part.current_leader_epoch);
    fetch.last_fetched_epoch = id_or_none<LeaderEpoch>(part.last_fetched_epoch);
    return fetch;
}

std::vector<WantedPartition> named_partitions(const wire::FetchRequest& request) {
    std::vector<WantedPartition> named;
    for (const auto& topic : request.topics) {
        for (const auto& part : topic.partitions) {
            named.push_back({{topic.topic_id, PartitionIndex(part.partition)}, from_wire(part)});
        }
    }
    return named;
}

// Must stand in an incremental answer. `hw` and `log_start` are what was sent last, and are
// updated.
bool must_answer(const wire::FetchResponse::PartitionData& data,
                 std::int64_t& hw,
                 std::int64_t& log_start) {
    const bool news = (data.records && !data.records->empty()) || hw != data.high_watermark ||
                      log_start != data.log_start_offset || data.preferred_read_replica != -1 ||
                      data.error_code != 0 || data.diverging_epoch.epoch >= 0;
    hw = data.high_watermark;
    log_start = data.log_start_offset;
    // So that the partition is told again once the error is over.
    if (data.error_code != 0)
        hw = -1;
    return news;
}

void put_results(std::vector<FetchedPartition>& results, wire::FetchResponse& response) {
    for (FetchedPartition& result : results) {
        auto& topics = response.responses;
        if (topics.empty() || topics.back().topic_id != result.tp.topic_id) {
            topics.emplace_back().topic_id = result.tp.topic_id;
        }
        result.data.partition_index = result.tp.partition.value();
        topics.back().partitions.push_back(std::move(result.data));
    }
}

}  // namespace

FetchSessionCache::Shard& FetchSessionCache::shard_of(std::int32_t id) {
    // The largest ids do not divide evenly; none of them is ever given out.
    const auto shard = std::min(std::max(id, 0) / kIdsPerShard, kShards - 1);
    return shards_[static_cast<std::size_t>(shard)];
}

FetchSessionCache::Session* FetchSessionCache::find(std::int32_t id) {
    auto& sessions = shard_of(id).sessions;
    const auto found = sessions.find(id);
    return found == sessions.end() ? nullptr : &found->second;
}

FetchContext FetchSessionCache::open(SimTime now,
                                     const wire::FetchRequest& request,
                                     std::int16_t version) {
    const bool by_topic_id = version >= 13;
    if (request.session_epoch > 0)
        return open_incremental(now, request, by_topic_id);

    // A full request closes whatever session it names.
    if (request.session_id != kNoSession) {
        erase(shard_of(request.session_id), request.session_id);
    }
    FetchContext context;
    context.kind = request.session_epoch == kFinalEpoch ? FetchContext::Kind::Sessionless
                                                        : FetchContext::Kind::Full;
    context.by_topic_id = by_topic_id;
    context.from_follower = request.replica_state.replica_id >= 0 || request.replica_id >= 0;
    context.partitions = named_partitions(request);
    return context;
}

FetchContext FetchSessionCache::open_incremental(SimTime now,
                                                 const wire::FetchRequest& request,
                                                 bool by_topic_id) {
    FetchContext context;
    context.by_topic_id = by_topic_id;
    Session* session = find(request.session_id);
    if (session == nullptr) {
        context.error = ErrorCode::FetchSessionIdNotFound;
    } else if (session->epoch != request.session_epoch) {
        context.error = ErrorCode::InvalidFetchSessionEpoch;
    } else if (session->by_topic_id != by_topic_id) {
        context.error = ErrorCode::FetchSessionTopicIdError;
    }
    if (context.error != ErrorCode::None) {
        context.kind = FetchContext::Kind::Error;
        return context;
    }

    std::vector<WantedPartition> named = named_partitions(request);
    for (const WantedPartition& part : named) {
        if (Cached* cached = session->partitions.find(part.tp)) {
            cached->request = part.fetch;
        } else {
            session->partitions.put_last(part.tp, Cached{part.fetch});
        }
    }
    for (const auto& topic : request.forgotten_topics_data) {
        for (const std::int32_t index : topic.partitions) {
            session->partitions.erase({topic.topic_id, PartitionIndex(index)});
        }
    }
    Shard& shard = shard_of(request.session_id);
    if (session->partitions.empty()) {
        erase(shard, request.session_id);
        context.kind = FetchContext::Kind::Sessionless;
        context.partitions = std::move(named);
        return context;
    }
    touch(shard, request.session_id, now);
    session->epoch = session->epoch == INT32_MAX ? 1 : session->epoch + 1;
    context.kind = FetchContext::Kind::Incremental;
    context.from_follower = session->from_follower;
    context.session_id = request.session_id;
    context.next_epoch = session->epoch;
    context.partitions.reserve(session->partitions.size());
    for (const auto& [tp, cached] : session->partitions) {
        context.partitions.push_back({tp, cached.request});
    }
    return context;
}

void FetchSessionCache::respond(SimTime now,
                                const FetchContext& context,
                                std::vector<FetchedPartition>& results,
                                std::uint64_t drawn,
                                wire::FetchResponse& response) {
    response.session_id = context.session_id;
    switch (context.kind) {
        case FetchContext::Kind::Error:
            response.error_code = static_cast<std::int16_t>(context.error);
            return;
        case FetchContext::Kind::Sessionless:
            break;
        case FetchContext::Kind::Full:
            response.session_id = create(now, context, results, drawn);
            break;
        case FetchContext::Kind::Incremental: {
            // A session that was evicted while the fetch was parked cannot tell what is old.
            Session* session = find(context.session_id);
            if (session == nullptr)
                break;
            if (session->epoch != context.next_epoch) {
                response.error_code =
                    static_cast<std::int16_t>(ErrorCode::InvalidFetchSessionEpoch);
                return;
            }
            prune(*session, results);
            break;
        }
    }
    put_results(results, response);
}

void FetchSessionCache::prune(Session& session, std::vector<FetchedPartition>& results) {
    std::erase_if(results, [&session](const FetchedPartition& result) {
        Cached* cached = session.partitions.find(result.tp);
        if (cached == nullptr)
            return false;
        const bool answer = must_answer(result.data, cached->hw, cached->log_start);
        // What was just served goes to the end, so that a full answer starves nobody for ever.
        if (result.data.records && !result.data.records->empty()) {
            session.partitions.move_to_end(result.tp);
        }
        return !answer;
    });
}

std::int32_t FetchSessionCache::create(SimTime now,
                                       const FetchContext& context,
                                       const std::vector<FetchedPartition>& results,
                                       std::uint64_t drawn) {
    const auto number = static_cast<std::int32_t>(next_shard_++ % kShards);
    Shard& shard = shards_[static_cast<std::size_t>(number)];
    const Worth newcomer{context.from_follower, results.size(), 0};
    const bool room = shard.sessions.size() < static_cast<std::size_t>(limits_.slots / kShards) ||
                      make_room(shard, newcomer, now);
    if (!room)
        return kNoSession;

    const std::int32_t lowest = std::max(1, number * kIdsPerShard);
    const auto ids = static_cast<std::uint64_t>((number + 1) * std::int64_t{kIdsPerShard} - lowest);
    std::uint64_t pick = drawn % ids;
    // Kafka draws again for an id that is taken; the next free one is as good.
    while (shard.sessions.contains(lowest + static_cast<std::int32_t>(pick))) {
        pick = (pick + 1) % ids;
    }
    const std::int32_t id = lowest + static_cast<std::int32_t>(pick);

    Session session;
    session.from_follower = context.from_follower;
    session.by_topic_id = context.by_topic_id;
    session.created = now;
    session.last_used = now;
    std::map<TopicIdPartition, PartitionFetch> requested;
    for (const WantedPartition& part : context.partitions)
        requested[part.tp] = part.fetch;
    for (const FetchedPartition& result : results) {
        session.partitions.put_last(
            result.tp,
            Cached{requested[result.tp], result.data.high_watermark, result.data.log_start_offset});
    }
    shard.sessions.emplace(id, std::move(session));
    touch(shard, id, now);
    return id;
}

void FetchSessionCache::erase(Shard& shard, std::int32_t id) {
    const auto found = shard.sessions.find(id);
    if (found == shard.sessions.end())
        return;
    const Session& session = found->second;
    const Worth worth{session.from_follower, session.cached_size, id};
    shard.by_last_use.erase({session.last_used, id});
    shard.evictable_by_all.erase(worth);
    shard.evictable_by_followers.erase(worth);
    shard.sessions.erase(found);
}

void FetchSessionCache::touch(Shard& shard, std::int32_t id, SimTime now) {
    Session& session = shard.sessions.at(id);
    const Worth before{session.from_follower, session.cached_size, id};
    shard.by_last_use.erase({session.last_used, id});
    shard.evictable_by_all.erase(before);
    shard.evictable_by_followers.erase(before);

    session.last_used = now;
    session.cached_size = session.partitions.size();
    const Worth worth{session.from_follower, session.cached_size, id};
    const bool grown = now - session.created > limits_.eviction;
    shard.by_last_use.insert({now, id});
    if (grown)
        shard.evictable_by_all.insert(worth);
    if (grown || !session.from_follower)
        shard.evictable_by_followers.insert(worth);
}

bool FetchSessionCache::make_room(Shard& shard, const Worth& newcomer, SimTime now) {
    if (shard.by_last_use.empty())
        return false;
    const auto [last_used, stalest] = *shard.by_last_use.begin();
    if (now - last_used > limits_.eviction) {
        erase(shard, stalest);
        return true;
    }
    const auto& evictable =
        newcomer.privileged ? shard.evictable_by_followers : shard.evictable_by_all;
    if (evictable.empty() || newcomer < *evictable.begin())
        return false;
    erase(shard, evictable.begin()->id);
    return true;
}

std::size_t FetchSessionCache::size() const {
    std::size_t total = 0;
    for (const Shard& shard : shards_)
        total += shard.sessions.size();
    return total;
}

}  // namespace bsim::replication
