#include "sim/node/producer_ids.h"

#include <utility>
#include <variant>

namespace bsim {
namespace {

constexpr SimDuration kRetryBackoff = milliseconds(50);

}  // namespace

ProducerIds::ProducerIds(Process& process,
                         ControllerLink& controller,
                         BrokerId self,
                         std::function<std::optional<BrokerEpoch>()> own_epoch)
    : process_(process), controller_(controller), self_(self), own_epoch_(std::move(own_epoch)) {}

wire::InitProducerIdResponse ProducerIds::init(const wire::InitProducerIdRequest& request) {
    wire::InitProducerIdResponse response;
    if (request.transactional_id) {
        // DEVIATION: transactions are not built; no scenario can ask for one.
        response.error_code = static_cast<std::int16_t>(wire::ErrorCode::CoordinatorNotAvailable);
        response.producer_epoch = -1;
        return response;
    }
    if (current_.next == current_.end && next_)
        current_ = *std::exchange(next_, std::nullopt);
    if (current_.next == current_.end) {
        request_block();
        response.error_code = static_cast<std::int16_t>(wire::ErrorCode::CoordinatorLoadInProgress);
        response.producer_epoch = -1;
        return response;
    }
    response.producer_id = current_.next++;
    // The next block is asked for with the id that stands at nine tenths of this one.
    if (response.producer_id == current_.end - current_.size + current_.size * 9 / 10)
        request_block();
    return response;
}

void ProducerIds::request_block() {
    if (requested_ || process_.now() < ask_again_at_)
        return;
    requested_ = true;
    wire::AllocateProducerIdsRequest request;
    request.broker_id = self_.value();
    request.broker_epoch = own_epoch_().value_or(BrokerEpoch(-1)).value();
    controller_.send(request, [this](std::optional<wire::ResponseBody> answer) {
        requested_ = false;
        const auto* block =
            answer ? std::get_if<wire::AllocateProducerIdsResponse>(&*answer) : nullptr;
        if (block != nullptr && block->error_code == 0) {
            next_ =
                Block{block->producer_id_start, block->producer_id_start + block->producer_id_len,
                      block->producer_id_len};
            return;
        }
        // A request that was given up took its time already.
        if (answer)
            ask_again_at_ = process_.now() + kRetryBackoff;
    });
}

}  // namespace bsim
