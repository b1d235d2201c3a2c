#include <algorithm>
#include <fmt/format.h>

#include "sim/report/why/hindrance.h"
#include "sim/report/why/rules.h"

namespace bsim::why {
namespace {

// A batch that is on its way for longer has met something that slows it down.
constexpr SimDuration kSlow = milliseconds(200);

// One that is that long at least may have met something, if something was there.
constexpr SimDuration kNotAtOnce = milliseconds(20);

Wait wait_of(const Event& e, const TopicPartition& p, SimTime from) {
    Wait wait;
    wait.p = p;
    wait.from = std::max(SimTime(), from);
    wait.to = e.t;
    wait.end = e.i;
    wait.clients.insert(e.n.text());
    return wait;
}

bool is_timeout(std::string_view error) {
    return error == "TIMEOUT" || error == "REQUEST_TIMED_OUT";
}

}  // namespace

Because why(const Case& c, const Event& e, const ProduceAcked& body) {
    const Event* const appended =
        c.trace.last<LogAppended>(e.i, [&](const Event& other, const LogAppended& batch) {
            return batch.p == body.p && batch.base == body.base &&
                   other.n == NodeName::broker(body.broker);
        });
    const NamedSetting acks = c.facts.of_producer(e.n.text(), "acks");
    if (body.latency_ns >= kNotAtOnce) {
        Wait wait = wait_of(e, body.p, e.t - body.latency_ns);
        wait.all_acks = body.acks == -1;
        wait.must_find = body.latency_ns >= kSlow;
        Because slow = hindered(c, wait);
        if (slow.next != nullptr || slow.origin != Origin::Unexplained) {
            slow.how = fmt::format("it took {}: {}", seconds_text(body.latency_ns), slow.how);
            return std::move(slow).with(acks);
        }
    }
    // A record, its copies and the answers travel one after another.
    const SimDuration way = c.facts.way;
    if (way >= milliseconds(5) && body.latency_ns >= way * 2 && body.latency_ns <= way * 10) {
        return Because::end(Origin::Network,
                            fmt::format("links take up to {} one way, as the scenario makes them",
                                        seconds_text(way)))
            .with(acks);
    }
    const std::string how = body.acks == -1  ? "all members of the ISR are said to have it"
                            : body.acks == 1 ? "the leader alone has to have it"
                                             : "nobody has to have it";
    if (appended == nullptr)
        return Because::end(Origin::Workload, "the producer sent it").with(acks);
    return Because::of(appended, how).with(acks);
}

Because why(const Case& c, const Event& e, const ProduceFailed& body) {
    static const std::set<std::string> kApis = {"Produce", "Metadata", "InitProducerId"};
    if (body.error == "RECORD_TOO_LARGE" || body.error == "MESSAGE_TOO_LARGE") {
        const NamedSetting limit = topic_setting(c, e.t, body.p.topic, "max.message.bytes");
        return Because::end(Origin::Setting, limit.text()).with(limit);
    }
    if (!is_timeout(body.error)) {
        if (const Event* const fault = answered_with(c, e.t, body.error, kApis))
            return Because::of(fault, "that is the answer which it had");
    }
    const NamedSetting acks = c.facts.of_producer(e.n.text(), "acks");
    Wait wait = wait_of(e, body.p, e.t - body.latency_ns - milliseconds(100));
    wait.all_acks = acks.value != "0" && acks.value != "1";
    Because out = hindered(c, wait);
    if (!is_timeout(body.error))
        return out;
    const NamedSetting delivery = c.facts.of_producer(e.n.text(), "delivery.timeout.ms");
    out.how = fmt::format("it was not acknowledged within {}: {}", seconds_text(body.latency_ns),
                          out.how);
    if (out.next == nullptr && out.origin == Origin::Unexplained) {
        out.origin = Origin::Setting;
        out.cause = delivery.text();
    }
    return std::move(out).with(delivery);
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
    static const std::set<std::string> kApis = {"Fetch", "ListOffsets", "OffsetForLeaderEpoch"};
    if (const Event* const fault = answered_with(c, e.t, body.error, kApis))
        return Because::of(fault, "that is the answer which it had");
    return hindered(c, wait_of(e, body.p, e.t - seconds(60)));
}

}  // namespace bsim::why
