#include "sim/node/request_pipeline.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/node/request_costs.h"

namespace bsim {

RequestPipeline::RequestPipeline(Process& process,
                                 const ServerThreads& threads,
                                 Handle handle,
                                 Sent sent)
    : process_(process),
      threads_(threads),
      handle_(std::move(handle)),
      sent_(std::move(sent)),
      network_(static_cast<std::size_t>(threads.network)) {
    BSIM_CHECK(threads.network > 0 && threads.handlers > 0 && threads.queued_max > 0);
}

std::uint32_t RequestPipeline::next_network_thread() {
    return next_thread_++ % static_cast<std::uint32_t>(threads_.network);
}

void RequestPipeline::receive(std::uint32_t network_thread,
                              ConnectionId connection,
                              std::unique_ptr<Frame> request) {
    NetworkThread& thread = network_[network_thread];
    const bool direct = !thread.busy && thread.free_at <= process_.now() && queue_.empty() &&
                        busy_ < threads_.handlers;
    if (!direct) {
        thread.waiting.push_back({{connection, std::move(request)}, true});
        return advance(network_thread);
    }
    // Nothing stands in the way: one event for both threads.
    Cpu& cpu = process_.cpu();
    const SimDuration receiving = cpu.wake_busy_thread() + cpu.work(receive_cost(request->bytes));
    thread.free_at = process_.now() + receiving;
    ++busy_;
    start_handling({connection, std::move(request)}, receiving + cpu.wake_busy_thread());
}

void RequestPipeline::send(std::uint32_t network_thread,
                           ConnectionId connection,
                           std::unique_ptr<Frame> answer) {
    network_[network_thread].waiting.push_back({{connection, std::move(answer)}, false});
    advance(network_thread);
}

// The thread's next piece of work, if it is free.
void RequestPipeline::advance(std::uint32_t network_thread) {
    NetworkThread& thread = network_[network_thread];
    if (thread.busy || thread.waiting.empty())
        return;
    thread.busy = true;
    thread.current = std::move(thread.waiting.front());
    thread.waiting.pop_front();
    const Frame* frame = thread.current.what.frame.get();
    const std::int64_t bytes = frame == nullptr ? 0 : frame->bytes;
    const SimDuration cost = thread.current.receiving ? receive_cost(bytes) : send_cost(bytes);
    SimDuration delay = process_.cpu().work(cost);
    if (thread.free_at > process_.now()) {
        delay = delay + (thread.free_at - process_.now());
    } else if (thread.free_at < process_.now()) {
        delay = delay + process_.cpu().wake_busy_thread();
    }
    process_.after(delay, [this, network_thread] { finish(network_thread); });
}

void RequestPipeline::finish(std::uint32_t network_thread) {
    NetworkThread& thread = network_[network_thread];
    if (thread.current.receiving && busy_ >= threads_.handlers &&
        queue_.size() >= static_cast<std::size_t>(threads_.queued_max)) {
        blocked_.push_back(network_thread);
        return;
    }
    Work done = std::exchange(thread.current, Work{});
    thread.busy = false;
    thread.free_at = process_.now();
    if (done.receiving) {
        offer(std::move(done.what));
    } else {
        sent_(done.what.connection, std::move(done.what.frame));
    }
    advance(network_thread);
}

void RequestPipeline::offer(Request request) {
    if (busy_ < threads_.handlers) {
        ++busy_;
        start_handling(std::move(request), process_.cpu().wake_busy_thread());
    } else {
        queue_.push_back(std::move(request));
    }
}

void RequestPipeline::start_handling(Request request, SimDuration delay) {
    const Frame& frame = *request.frame;
    SimDuration handling = process_.cpu().work(handling_cost(frame.api, frame.bytes));
    if (handled_.insert(frame.api).second)
        handling = handling + process_.cpu().first_run();
    process_.after(delay + handling,
                   [this, taken = std::move(request)]() mutable { run_handler(std::move(taken)); });
}

void RequestPipeline::run_handler(Request request) {
    held_ = false;
    CauseScope scope(process_.env().tracer, request.frame->cause);
    handle_(request.connection, std::move(request.frame));
    if (!std::exchange(held_, false))
        handler_free();
}

void RequestPipeline::hold_handler() {
    BSIM_CHECK(!held_);
    held_ = true;
}

void RequestPipeline::release_handler() {
    handler_free();
}

void RequestPipeline::handler_free() {
    BSIM_CHECK(busy_ > 0);
    --busy_;
    if (queue_.empty())
        return;
    Request next = std::move(queue_.front());
    queue_.pop_front();
    ++busy_;
    start_handling(std::move(next), SimDuration(0));
    if (blocked_.empty())
        return;
    const std::uint32_t unblocked = blocked_.front();
    blocked_.pop_front();
    finish(unblocked);
}

}  // namespace bsim
