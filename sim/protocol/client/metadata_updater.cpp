#include "sim/protocol/client/metadata_updater.h"

#include <algorithm>
#include <vector>

#include "sim/base/check.h"

namespace bsim::client {

MetadataUpdater::MetadataUpdater(const ClientSettings& settings)
    : backoff_(client_backoff(settings.retry_backoff_ms, settings.retry_backoff_max_ms)),
      max_age_(settings.metadata_max_age_ms),
      max_idle_(settings.metadata_max_idle_ms),
      allow_auto_create_(settings.allow_auto_create_topics),
      cluster_(settings.bootstrap_servers) {}

void MetadataUpdater::add_topic(SimTime now, const std::string& topic) {
    const auto [entry, added] = topics_.insert_or_assign(topic, now + max_idle_);
    if (!added)
        return;
    new_topics_.insert(topic);
    request_update_for_new_topics();
}

void MetadataUpdater::remove_topic(const std::string& topic) {
    topics_.erase(topic);
    new_topics_.erase(topic);
}

void MetadataUpdater::request_update_for_new_topics() {
    last_refresh_.reset();
    need_partial_ = true;
    equivalent_answers_ = 0;
    ++request_version_;
}

std::int64_t MetadataUpdater::request_update_for(const std::string& topic) {
    if (new_topics_.contains(topic)) {
        request_update_for_new_topics();
    } else {
        need_full_ = true;
    }
    return update_version_;
}

std::optional<SimTime> MetadataUpdater::due_at() const {
    if (in_progress_)
        return std::nullopt;
    const bool requested = need_full_ || need_partial_;
    SimTime due;
    if (!requested && last_full_refresh_)
        due = *last_full_refresh_ + max_age_;
    if (!last_refresh_)
        return due;
    due = std::max(due, *last_refresh_ + failure_backoff_);
    if (equivalent_answers_ > 0) {
        SimTime patient = *last_refresh_ + equivalent_backoff_;
        // A refresh by age is not held back because the last answers brought nothing new.
        if (last_full_refresh_)
            patient = std::min(patient, *last_full_refresh_ + max_age_);
        due = std::max(due, patient);
    }
    return due;
}

bool MetadataUpdater::is_due(SimTime now) const {
    const std::optional<SimTime> due = due_at();
    return due && *due <= now;
}

wire::MetadataRequest MetadataUpdater::begin_request(SimTime now) {
    BSIM_CHECK(!in_progress_);
    const bool fresh = last_full_refresh_ && *last_full_refresh_ + max_age_ > now;
    const bool partial = !need_full_ && fresh;
    in_progress_ = Purpose{request_version_, partial};

    wire::MetadataRequest request;
    request.allow_auto_topic_creation = allow_auto_create_;
    auto& wanted = request.topics.emplace();
    const auto want = [&](const std::string& name) {
        wire::MetadataRequest::MetadataRequestTopic topic;
        topic.name = name;
        wanted.push_back(std::move(topic));
    };
    if (partial) {
        for (const std::string& name : new_topics_)
            want(name);
    } else {
        for (const auto& [name, expires] : topics_)
            want(name);
    }
    return request;
}

std::set<std::string> MetadataUpdater::retained_topics(SimTime now) {
    std::erase_if(topics_, [&](const auto& entry) {
        return entry.second <= now && !new_topics_.contains(entry.first);
    });
    std::set<std::string> retained;
    for (const auto& [name, expires] : topics_)
        retained.insert(name);
    return retained;
}

void MetadataUpdater::response_arrived(SimTime now,
                                       const wire::MetadataResponse& response,
                                       std::int16_t version,
                                       DrawSequence& draws) {
    BSIM_CHECK(in_progress_);
    const Purpose purpose = *in_progress_;
    // A broker that is still starting knows no brokers yet.
    if (response.brokers.empty()) {
        request_failed(now, draws);
        return;
    }
    in_progress_.reset();
    need_partial_ = purpose.request_version < request_version_;
    last_refresh_ = now;
    failures_ = 0;
    ++update_version_;
    if (!purpose.partial) {
        need_full_ = false;
        last_full_refresh_ = now;
    }
    constexpr std::int16_t kEpochsReliableSince = 9;
    const std::set<std::string> retained = retained_topics(now);
    const ClusterMetadata::Taken taken =
        cluster_.take(response, {purpose.partial, version >= kEpochsReliableSince, &retained});
    equivalent_answers_ = taken.made_progress ? 0 : equivalent_answers_ + 1;
    if (taken.wants_refresh)
        need_full_ = true;
    topic_errors_ = taken.topic_errors;
    for (const auto& topic : response.topics)
        new_topics_.erase(topic.name.value_or(""));
    failure_backoff_ = backoff_.after(0, draws.next());
    equivalent_backoff_ =
        backoff_.after(std::max<std::int64_t>(equivalent_answers_ - 1, 0), draws.next());
}

void MetadataUpdater::failed(SimTime now, DrawSequence& draws) {
    last_refresh_ = now;
    failure_backoff_ = backoff_.after(failures_, draws.next());
    ++failures_;
    equivalent_answers_ = 0;
}

void MetadataUpdater::request_failed(SimTime now, DrawSequence& draws) {
    failed(now, draws);
    in_progress_.reset();
}

void MetadataUpdater::node_disconnected(SimTime now, DrawSequence& draws) {
    if (is_due(now))
        failed(now, draws);
    need_full_ = true;
}

wire::ErrorCode MetadataUpdater::topic_error(const std::string& topic) const {
    const auto found = topic_errors_.find(topic);
    return found != topic_errors_.end() ? found->second : wire::ErrorCode::None;
}

}  // namespace bsim::client
