from novaagent.novaagent import main

main()
