#include "sim/protocol/replication/fetcher.h"

#include "sim/base/check.h"

namespace bsim::replication {

using wire::ErrorCode;

namespace {

constexpr std::int64_t kLatestTimestamp = -1;
constexpr std::int64_t kEarliestTimestamp = -2;

}  // namespace

void Fetcher::add(const TopicIdPartition& tp,
                  const std::string& topic,
                  const PartitionFollower::Start& start,
                  FetcherEffects& out) {
    const Followed* followed = partitions_.find(tp);
    if (followed != nullptr && followed->follower.leader_epoch() == start.leader_epoch) {
        partitions_.move_to_end(tp);
        return;
    }
    scratch_.clear();
    partitions_.put_last(tp, Followed{topic, PartitionFollower(start, scratch_)});
    flush(tp, out);
}

void Fetcher::remove(const TopicIdPartition& tp) {
    partitions_.erase(tp);
}

const PartitionFollower* Fetcher::find(const TopicIdPartition& tp) const {
    const Followed* followed = partitions_.find(tp);
    return followed == nullptr ? nullptr : &followed->follower;
}

NextFetch Fetcher::next_fetch(SimTime now, std::optional<BrokerEpoch> own_epoch) {
    if (in_flight_ || !questions_.empty())
        return Waiting{};
    wanted_.clear();
    for (const auto& [tp, followed] : partitions_) {
        const PartitionFollower& follower = followed.follower;
        if (!follower.ready(now))
            continue;
        wanted_.push_back(
            {tp,
             {follower.fetch_offset(), follower.log_start(), config_.partition_max_bytes,
              follower.leader_epoch(), follower.last_fetched_epoch()}});
    }
    wire::FetchRequest request;
    if (!session_.build(wanted_, request))
        return IdleUntil{now + config_.backoff};
    request.replica_state.replica_id = config_.self.value();
    if (own_epoch)
        request.replica_state.replica_epoch = own_epoch->value();
    request.max_wait_ms = static_cast<std::int32_t>(config_.max_wait.ms());
    request.min_bytes = config_.min_bytes;
    request.max_bytes = config_.response_max_bytes;
    in_flight_ = true;
    return request;
}

void Fetcher::fetch_answered(SimTime now,
                             const wire::FetchResponse& response,
                             FetcherEffects& out) {
    BSIM_CHECK(in_flight_);
    in_flight_ = false;
    if (!session_.answered(response)) {
        // Kafka throws for this one session error alone; the others are just fetched again.
        if (static_cast<ErrorCode>(response.error_code) == ErrorCode::FetchSessionTopicIdError) {
            delay_all(now);
        }
        return;
    }
    for (const auto& topic : response.responses) {
        for (const auto& data : topic.partitions) {
            const TopicIdPartition tp{topic.topic_id, PartitionIndex(data.partition_index)};
            take_partition(now, tp, data, out);
        }
    }
}

void Fetcher::take_partition(SimTime now,
                             const TopicIdPartition& tp,
                             const wire::FetchResponse::PartitionData& data,
                             FetcherEffects& out) {
    Followed* followed = partitions_.find(tp);
    const PartitionFetch* asked = session_.asked(tp);
    if (followed == nullptr || asked == nullptr)
        return;

    FetchAnswered in{asked->fetch_offset,
                     asked->current_leader_epoch,
                     static_cast<ErrorCode>(data.error_code),
                     std::nullopt,
                     Offset(data.high_watermark),
                     Offset(data.log_start_offset),
                     data.records.value_or(SharedBytes())};
    if (data.diverging_epoch.epoch >= 0) {
        in.diverging = EpochEnd{LeaderEpoch(data.diverging_epoch.epoch),
                                Offset(data.diverging_epoch.end_offset)};
    }
    scratch_.clear();
    const bool was_delayed = followed->follower.delayed(now);
    const bool moves = followed->follower.answered(now, config_.backoff, in, scratch_);
    if (moves || followed->follower.delayed(now) != was_delayed)
        partitions_.move_to_end(tp);
    flush(tp, out);
}

void Fetcher::fetch_failed(SimTime now) {
    BSIM_CHECK(in_flight_);
    in_flight_ = false;
    session_.request_failed();
    delay_all(now);
}

void Fetcher::delay_all(SimTime now) {
    auto at = partitions_.begin();
    for (std::size_t left = partitions_.size(); left > 0; --left) {
        auto& [tp, followed] = *at++;
        if (followed.follower.delayed(now))
            continue;
        followed.follower.delay(now, config_.backoff);
        partitions_.move_to_end(tp);
    }
}

wire::ListOffsetsRequest Fetcher::list_offsets(const TopicIdPartition& tp,
                                               const AskLeaderOffset& ask) const {
    wire::ListOffsetsRequest request;
    request.replica_id = config_.self.value();
    auto& topic = request.topics.emplace_back();
    if (const Followed* followed = partitions_.find(tp))
        topic.name = followed->topic;
    auto& part = topic.partitions.emplace_back();
    part.partition_index = tp.partition.value();
    part.current_leader_epoch = ask.current_leader_epoch.value();
    part.timestamp = ask.edge == LogEdge::Latest ? kLatestTimestamp : kEarliestTimestamp;
    return request;
}

void Fetcher::flush(const TopicIdPartition& tp, FetcherEffects& out) {
    for (FollowerEffect& effect : scratch_) {
        if (std::holds_alternative<StopFetching>(effect))
            partitions_.erase(tp);
        if (std::holds_alternative<AskLeaderOffset>(effect)) {
            questions_.push_back({tp, std::move(effect)});
            if (questions_.size() == 1)
                out.push_back(questions_.front());
        } else {
            out.push_back({tp, std::move(effect)});
        }
    }
    scratch_.clear();
}

void Fetcher::appended(const TopicIdPartition& tp, const FollowerLog& log, FetcherEffects& out) {
    Followed* followed = partitions_.find(tp);
    if (followed == nullptr)
        return;
    followed->follower.appended(log, scratch_);
    flush(tp, out);
}

void Fetcher::append_failed(SimTime now,
                            const TopicIdPartition& tp,
                            AppendFailure why,
                            FetcherEffects& out) {
    Followed* followed = partitions_.find(tp);
    if (followed == nullptr)
        return;
    followed->follower.append_failed(now, config_.backoff, why, scratch_);
    flush(tp, out);
}

void Fetcher::epoch_end_found(const TopicIdPartition& tp,
                              const std::optional<EpochEnd>& own,
                              FetcherEffects& out) {
    Followed* followed = partitions_.find(tp);
    if (followed == nullptr)
        return;
    followed->follower.epoch_end_found(own, scratch_);
    flush(tp, out);
}

void Fetcher::truncated(const TopicIdPartition& tp, const FollowerLog& log) {
    if (Followed* followed = partitions_.find(tp))
        followed->follower.truncated(log);
}

// The open question's partition, if it still waits for just this answer: it may have been removed
// and added again meanwhile.
PartitionFollower* Fetcher::close_question(const TopicIdPartition& tp) {
    BSIM_CHECK(!questions_.empty() && questions_.front().tp == tp);
    const LeaderEpoch asked =
        std::get<AskLeaderOffset>(questions_.front().what).current_leader_epoch;
    questions_.pop_front();
    Followed* followed = partitions_.find(tp);
    if (followed == nullptr || !followed->follower.asking_leader())
        return nullptr;
    return followed->follower.leader_epoch() == asked ? &followed->follower : nullptr;
}

void Fetcher::leader_edge_found(const TopicIdPartition& tp, Offset offset, FetcherEffects& out) {
    if (PartitionFollower* follower = close_question(tp)) {
        follower->leader_edge_found(offset, scratch_);
        partitions_.move_to_end(tp);
    }
    ask_next(tp, out);
}

void Fetcher::leader_edge_refused(SimTime now,
                                  const TopicIdPartition& tp,
                                  ErrorCode error,
                                  FetcherEffects& out) {
    if (PartitionFollower* follower = close_question(tp)) {
        follower->leader_edge_refused(now, config_.backoff, error, scratch_);
        partitions_.move_to_end(tp);
    }
    ask_next(tp, out);
}

void Fetcher::ask_next(const TopicIdPartition& tp, FetcherEffects& out) {
    // The second question of this partition goes before the first one of the next.
    for (FollowerEffect& effect : scratch_) {
        if (std::holds_alternative<AskLeaderOffset>(effect)) {
            questions_.push_front({tp, effect});
            scratch_.clear();
            break;
        }
    }
    flush(tp, out);
    if (!questions_.empty())
        out.push_back(questions_.front());
}

void Fetcher::log_start_moved(const TopicIdPartition& tp, Offset log_start) {
    if (Followed* followed = partitions_.find(tp))
        followed->follower.log_start_moved(log_start);
}

}  // namespace bsim::replication
