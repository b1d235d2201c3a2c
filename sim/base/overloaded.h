#pragma once
// Several lambdas as one visitor: std::visit(Overloaded{[](const A&) {}, [](const B&) {}}, v).

namespace bsim {

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace bsim
