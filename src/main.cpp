#include "app/program.hpp"

int main(int argc, char** argv) {
    return hs::app::run_program(argc, argv);
}
