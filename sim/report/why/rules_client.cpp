#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "sim/report/why/rules.h"

namespace bsim::why {
namespace {

// A batch that is on its way for longer has met something that slows it down.
constexpr SimDuration kSlow = milliseconds(200);

std::int64_t number(const NamedSetting& setting, std::int64_t otherwise) {
    std::int64_t out = 0;
    const char* const end = setting.value.data() + setting.value.size();
    const auto [stop, error] = std::from_chars(setting.value.data(), end, out);
    return error == std::errc{} && stop == end ? out : otherwise;
}

// The change that brought the partition into the state that it is in: without a leader, or with
// too small an ISR.
template <class Is>
const Event* since(const Case& c, const Event& newest, const TopicPartition& p, Is&& is) {
    const Event* first = &newest;
    for (const Event* at = change_before(c, newest.i, p); at != nullptr && is(changed(*at));
         at = change_before(c, at->i, p))
        first = at;
    return first;
}

Because by_partition(const Case& c, const Event& e, const TopicPartition& p, SimTime from) {
    const Event* const newest = change_before(c, e.i, p);
    if (newest == nullptr)
        return as_recorded(c, e);
    const PartitionChanged& state = changed(*newest);
    const NamedSetting min_isr = c.facts.of_topic(p.topic, "min.insync.replicas");
    const auto needed = number(min_isr, 1);
    const auto leaderless = [](const PartitionChanged& body) { return !body.leader; };
    const auto too_few = [&](const PartitionChanged& body) {
        return static_cast<std::int64_t>(body.isr.size()) < needed;
    };
    if (leaderless(state))
        return Because::of(since(c, *newest, p, leaderless), p.to_string() + " had no leader");
    if (too_few(state)) {
        return Because::of(since(c, *newest, p, too_few),
                           fmt::format("the ISR of {} ({}) was smaller than min.insync.replicas",
                                       p.to_string(), broker_list(state.isr)))
            .with(min_isr);
    }
    // It was so for a while.
    const Event* const was = c.trace.last<PartitionChanged>(
        newest->i, [&](const Event& other, const PartitionChanged& body) {
            return body.p == p && other.t >= from && (leaderless(body) || too_few(body));
        });
    if (was != nullptr) {
        return Because::of(was, leaderless(changed(*was))
                                    ? p.to_string() + " had no leader for a while"
                                    : "for a while the ISR was smaller than min.insync.replicas")
            .with(min_isr);
    }
    SilenceQuery query;
    query.silent.insert(NodeName::broker(*state.leader).text());
    for (const BrokerId broker : state.isr)
        query.silent.insert(NodeName::broker(broker).text());
    query.others.insert(e.n.text());
    query.from = from;
    query.begun_by = e.t;
    query.to = e.t;
    return silenced(c, query,
                    fmt::format("broker {}, leader of {}, and those in sync with it did not answer "
                                "in time",
                                state.leader->value(), p.to_string()));
}

}  // namespace

Because why(const Case& c, const Event& e, const ProduceAcked& body) {
    const Event* const appended =
        c.trace.last<LogAppended>(e.i, [&](const Event& other, const LogAppended& batch) {
            return batch.p == body.p && batch.base == body.base &&
                   other.n == NodeName::broker(body.broker);
        });
    const NamedSetting acks = c.facts.of_producer(e.n.text(), "acks");
    if (body.latency_ns >= kSlow) {
        Because slow = by_partition(c, e, body.p, e.t - body.latency_ns);
        if (slow.next != nullptr) {
            slow.how = fmt::format("it took {}: {}", seconds_text(body.latency_ns), slow.how);
            return std::move(slow).with(acks);
        }
    }
    const std::string how = body.acks == -1  ? "all members of the ISR are said to have it"
                            : body.acks == 1 ? "the leader alone has to have it"
                                             : "nobody has to have it";
    if (appended == nullptr)
        return Because::end(Origin::Workload, "the producer sent it").with(acks);
    return Because::of(appended, how).with(acks);
}

Because why(const Case& c, const Event& e, const ProduceFailed& body) {
    Because out = by_partition(c, e, body.p, e.t - body.latency_ns - seconds(1));
    if (body.error == "TIMEOUT" || body.error == "REQUEST_TIMED_OUT") {
        const NamedSetting delivery = c.facts.of_producer(e.n.text(), "delivery.timeout.ms");
        out.how = fmt::format("it was not acknowledged within {}: {}",
                              seconds_text(body.latency_ns), out.how);
        return std::move(out).with(delivery);
    }
    if (body.error == "RECORD_TOO_LARGE" || body.error == "MESSAGE_TOO_LARGE") {
        const NamedSetting limit = c.facts.of_topic(body.p.topic, "max.message.bytes");
        return Because::end(Origin::Setting, limit.text()).with(limit);
    }
    return out;
}

Because why(const Case& c, const Event& e, const RecordsConsumed& body) {
    const Event* const appended =
        c.trace.last<LogAppended>(e.i, [&](const Event&, const LogAppended& batch) {
            return batch.p == body.p && batch.base <= body.from && body.from <= batch.last;
        });
    return appended != nullptr ? Because::of(appended, "the record stands in the log")
                               : as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const PositionReset& body) {
    if (body.why == "truncated" || body.why == "out_of_range" || body.why == "no_epoch") {
        const Event* const cut = c.trace.last<LogTruncated>(
            e.i,
            [&](const Event&, const LogTruncated& truncated) { return truncated.p == body.p; });
        const Event* const unclean =
            c.trace.last<LeaderElected>(e.i, [&](const Event&, const LeaderElected& elected) {
                return elected.p == body.p && !elected.clean;
            });
        const Event* const start = c.trace.last<LogStartAdvanced>(
            e.i, [&](const Event&, const LogStartAdvanced& moved) { return moved.p == body.p; });
        for (const Event* const found : {unclean, cut, start}) {
            if (found != nullptr)
                return Because::of(found, "the log is no longer what it had read")
                    .with(c.facts.of_consumer(e.n.text(), "auto.offset.reset"));
        }
    }
    if (body.why == "seek")
        return Because::end(Origin::Workload, "the application asked for it");
    const Event* const assigned =
        c.trace.last<AssignmentChanged>(e.i, [&](const Event& other, const AssignmentChanged& a) {
            return other.n == e.n &&
                   std::find(a.owned.begin(), a.owned.end(), body.p) != a.owned.end();
        });
    if (assigned != nullptr) {
        return Because::of(assigned, body.why == "committed"
                                         ? "the group's committed offset is where it begins"
                                         : "the coordinator told of no committed offset")
            .with(c.facts.of_consumer(e.n.text(), "auto.offset.reset"));
    }
    const Event* const started = c.trace.last<NodeStarted>(
        e.i, [&](const Event& other, const auto&) { return other.n == e.n; });
    return started != nullptr ? Because::of(started, "a consumer that starts needs a position")
                              : as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const ConsumeFailed& body) {
    const Event* const cut =
        c.trace.last<LeaderElected>(e.i, [&](const Event&, const LeaderElected& elected) {
            return elected.p == body.p && !elected.clean;
        });
    if (cut != nullptr)
        return Because::of(cut, "the log is no longer what it had read");
    return by_partition(c, e, body.p, e.t - seconds(60));
}

}  // namespace bsim::why
